import { Badge, Button, Group, Select, Stack, Text } from '@mantine/core';
import type { ReceivedContentView } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isRefusal, Refused } from '../api/problem';
import { Card } from '../frame/Card';
import { ProblemAlert } from '../frame/Problem';
import { LeaveGuard } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import type { Received } from './received';
import { fromText, toText, WrongValueError } from './text';
import { ValueInput } from './ValueInput';

interface Props {
  received: Received;
  document: ReceivedContentView;
  mayAdopt: boolean;
  onSaved: () => Promise<unknown>;
}

/** What the organization sets itself: the version it follows, and values of fields that are not locked. */
export function AdoptionForm({ received, document, mayAdopt, onSaved }: Props) {
  const { t } = useTranslation(['received', 'documents', 'common']);
  const { id, fields, values, sources, local, locked, follow, version, available, comparison } = document;
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [wrong, setWrong] = useState<string[]>([]);
  const [followed, setFollowed] = useState(String(follow));
  const [error, setError] = useState<Error | null>(null);
  const [sending, setSending] = useState(false);
  const changed = Object.keys(typed).length > 0 || followed !== String(follow);
  const versions = [...new Set([version, available, ...(follow === 'latest' ? [] : [follow])])].sort((a, b) => b - a);

  const send = async (overrides: Record<string, unknown>, next: string) => {
    setSending(true);
    setError(null);
    try {
      await received.adopt(
        id,
        {
          overrides,
          ...(next !== String(follow) && { follow: next === 'latest' ? next : Number(next) }),
        },
        document.etag,
      );
      setTyped({});
      toast(t('saved'));
      await onSaved();
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      setError(refusal);
      if (isRefusal(refusal, 'precondition_failed')) await onSaved();
    } finally {
      setSending(false);
    }
  };
  const save = () => {
    const overrides: Record<string, unknown> = {};
    const failed: string[] = [];
    for (const { name, type } of fields) {
      const text = typed[name];
      if (text === undefined) continue;
      try {
        overrides[name] = fromText(type, text);
      } catch (problem) {
        if (!(problem instanceof WrongValueError)) throw problem;
        failed.push(name);
      }
    }
    setWrong(failed);
    if (failed.length === 0) void send(overrides, followed);
  };

  return (
    <Card title={t('yours')}>
      <LeaveGuard isActive={() => changed} parameter="document" />
      <Stack gap="md">
        {error && <ProblemAlert error={error} />}
        <Select
          label={t('follow')}
          description={t('followText')}
          data={[
            { value: 'latest', label: t('latest', { version: available }) },
            ...versions.map((number) => ({ value: String(number), label: t('pinned', { version: number }) })),
          ]}
          value={followed}
          allowDeselect={false}
          disabled={!mayAdopt}
          onChange={(value) => setFollowed(value ?? 'latest')}
        />
        {comparison && (
          <Stack gap={4}>
            <Text size="sm" fw={500}>
              {t('differences', { basedOn: document.basedOn, available })}
            </Text>
            {comparison.bodyChanged && <Text size="sm">{t('bodyChanged')}</Text>}
            {comparison.titleChanged && <Text size="sm">{t('titleChanged')}</Text>}
            {comparison.fields
              .filter(({ change }) => change !== 'unchanged')
              .map(({ name, change }) => (
                <Text key={name} size="sm">
                  {t(`change.${change as 'added'}`, { name })}
                </Text>
              ))}
          </Stack>
        )}
        {fields.map(({ name, type }) => {
          const lock = locked[name];
          const own = local[name] !== undefined;
          return (
            <Stack key={name} gap={4}>
              <ValueInput
                label={name}
                type={type}
                value={typed[name] ?? toText(type, values[name] as never)}
                error={wrong.includes(name) ? t('documents:wrongValue') : undefined}
                disabled={!mayAdopt || lock !== undefined}
                onChange={(text) => setTyped((before) => ({ ...before, [name]: text }))}
              />
              <Group gap="xs">
                <Badge variant="default" size="sm" fw={500} tt="none">
                  {lock
                    ? t('lockedBy', { by: lock.name })
                    : own
                      ? t('setHere')
                      : t('from', { by: sources[name]?.name })}
                </Badge>
                {mayAdopt && own && !lock && (
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    loading={sending}
                    onClick={() => void send({ [name]: null }, String(follow))}
                  >
                    {t('removeOverride')}
                  </Button>
                )}
              </Group>
            </Stack>
          );
        })}
        {mayAdopt && (
          <Group gap="xs">
            <Button loading={sending} disabled={!changed} onClick={save}>
              {t('common:save')}
            </Button>
            <Button
              variant="default"
              disabled={!changed || sending}
              onClick={() => {
                setTyped({});
                setWrong([]);
                setFollowed(String(follow));
              }}
            >
              {t('common:cancel')}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  );
}
