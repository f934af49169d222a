import { Alert, Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { approveDeviceLogin, denyDeviceLogin, type DeviceLoginView, getDeviceLogin } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { ProblemAlert } from '../frame/Problem';
import { useFormat } from '../i18n/useFormat';
import { SignInShell } from './SignInShell';
import { useStep } from './useStep';

interface Props {
  code: string | undefined;
  onCode: (code: string | undefined) => void;
}

/** Asks for the code, shows the program that waits, and approves or denies it. */
export function DevicePage({ code, onCode }: Props) {
  const { t } = useTranslation('signIn');
  const email = useAccount()?.email;
  const [decided, setDecided] = useState<'approved' | 'denied' | null>(null);
  const waiting = useQuery({
    queryKey: ['device-login', code],
    queryFn: async ({ signal }) => (await getDeviceLogin({ path: { userCode: code ?? '' }, signal })).data,
    enabled: code !== undefined && decided === null,
    staleTime: Infinity,
    retry: false,
  });
  return (
    <SignInShell title={t('device.title')} text={t('device.as', { email })}>
      {decided && (
        <Text size="sm" role="status">
          {t(`device.${decided}`)}
        </Text>
      )}
      {!decided && waiting.data && <Decision login={waiting.data} onDecided={setDecided} />}
      {!decided && waiting.isLoading && <Skeleton h={120} />}
      {!decided && (code === undefined || waiting.isError) && (
        <CodeForm code={code} error={waiting.error} onCode={onCode} onAgain={() => void waiting.refetch()} />
      )}
    </SignInShell>
  );
}

interface CodeFormProps extends Props {
  error: unknown;
  onAgain: () => void;
}

function CodeForm({ code, error, onCode, onAgain }: CodeFormProps) {
  const { t } = useTranslation('signIn');
  const [typed, setTyped] = useState(code ?? '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const next = typed.trim().toUpperCase();
        if (next === code) onAgain();
        else onCode(next || undefined);
      }}
    >
      <Stack gap="md">
        {error !== null && <ProblemAlert error={error} />}
        <TextInput
          label={t('device.code')}
          description={t('device.codeText')}
          placeholder="ABCD-EFGH"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          required
          withAsterisk={false}
          autoFocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit">{t('device.continue')}</Button>
      </Stack>
    </form>
  );
}

interface DecisionProps {
  login: DeviceLoginView;
  onDecided: (decided: 'approved' | 'denied') => void;
}

function Decision({ login, onDecided }: DecisionProps) {
  const { t } = useTranslation('signIn');
  const format = useFormat();
  const { busy, error, run } = useStep();
  const path = { userCode: login.userCode };
  const decide = (decision: 'approved' | 'denied') =>
    run(async () => {
      await (decision === 'approved' ? approveDeviceLogin({ path, body: {} }) : denyDeviceLogin({ path }));
      onDecided(decision);
    });
  const facts = [
    [t('device.program'), login.clientName],
    [t('device.code'), login.userCode],
    [t('device.system'), login.device],
    [t('device.ip'), login.ip],
    [t('device.since'), format.ago(login.createdAt)],
  ];
  return (
    <Stack gap="md">
      {error && <ProblemAlert error={error} />}
      <Stack component="dl" gap={6} m={0}>
        {facts.map(
          ([label, value]) =>
            value && (
              <Group key={label} justify="space-between" gap="md" wrap="nowrap">
                <Text component="dt" size="sm" c="dimmed">
                  {label}
                </Text>
                <Text component="dd" size="sm" m={0} ta="right" style={{ overflowWrap: 'anywhere' }}>
                  {value}
                </Text>
              </Group>
            ),
        )}
      </Stack>
      <Alert color={login.sameNetwork ? 'gray' : 'yellow'} variant="light" c="var(--mantine-color-text)">
        {t(login.sameNetwork ? 'device.warning' : 'device.otherNetwork')}
      </Alert>
      <Group grow>
        <Button variant="default" disabled={busy} onClick={() => void decide('denied')}>
          {t('device.deny')}
        </Button>
        <Button loading={busy} onClick={() => void decide('approved')}>
          {t('device.approve')}
        </Button>
      </Group>
    </Stack>
  );
}
