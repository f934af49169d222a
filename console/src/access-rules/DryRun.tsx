import { Button, Group, List, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { DryRun as Request, DryRunView } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../frame/Problem';

const SHOWN = 10;

/** Tries a condition without saving it: with an example person, and with the users that exist. */
export function DryRun({ tryOut, when }: { tryOut: (body: Request) => Promise<DryRunView>; when: string }) {
  const { t } = useTranslation('accessRules');
  const [email, setEmail] = useState('');
  const run = useMutation({
    mutationFn: () => tryOut({ when, ...(email.trim() && { person: { email: email.trim() } }) }),
  });
  const result = run.data;
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <TextInput
            label={t('example')}
            description={t('exampleText')}
            type="email"
            value={email}
            onChange={({ currentTarget: { value } }) => setEmail(value)}
            style={{ flex: 1 }}
          />
          <Button variant="default" loading={run.isPending} disabled={when.trim() === ''} onClick={() => run.mutate()}>
            {t('dryRun')}
          </Button>
        </Group>
        {run.isError && <ProblemAlert error={run.error} />}
        {result && (
          <div role="status">
            {result.person && (
              <Text size="sm" fw={500}>
                {result.person.error ?? (result.person.holds ? t('personMatches') : t('personDoesNot'))}
              </Text>
            )}
            <Text size="sm">
              {t('matched', { count: result.matched, evaluated: result.evaluated })}
              {result.truncated && ` ${t('truncated')}`}
            </Text>
            <List size="sm" mt={4}>
              {result.matches.slice(0, SHOWN).map(({ userId, name, email: address }) => (
                <List.Item key={userId}>{`${name} (${address})`}</List.Item>
              ))}
            </List>
          </div>
        )}
      </Stack>
    </Paper>
  );
}
