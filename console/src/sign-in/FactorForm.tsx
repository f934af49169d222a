import { Button, Stack, Text, TextInput } from '@mantine/core';
import Fingerprint from 'lucide-react/icons/fingerprint-pattern';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../frame/Problem';
import { CodeField } from './CodeField';
import type { Factor } from './outcome';
import { type Credential, hasPasskeys, showPasskey } from './passkey';
import { useStep } from './useStep';

export type FactorProof = { code: string } | { recoveryCode: string } | { credential: Credential };

interface Props {
  methods: readonly Factor[];
  passkeyOptions: () => Promise<object>;
  onProof: (proof: FactorProof) => Promise<void>;
}

/** Asks for a second factor: at a sign-in, and before an action that needs a fresh proof. */
export function FactorForm({ methods, passkeyOptions, onProof }: Props) {
  const { t } = useTranslation('signIn');
  const [method, setMethod] = useState<Factor>(
    methods.find((one) => one === 'totp') ?? methods.find((one) => one === 'passkey') ?? 'recovery_code',
  );
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { busy, error, run } = useStep(() => field.current?.select());
  const send = () => void run(() => onProof(method === 'totp' ? { code } : { recoveryCode: code.trim() }));
  const withPasskey = () => void run(async () => onProof({ credential: await showPasskey(await passkeyOptions()) }));
  const others = methods.filter((one) => one !== method && (one !== 'passkey' || hasPasskeys()));
  const change = (next: Factor) => {
    if (next === 'passkey') {
      withPasskey();
      return;
    }
    setCode('');
    setMethod(next);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (method === 'passkey') withPasskey();
        else send();
      }}
    >
      <Stack gap="md">
        {error && <ProblemAlert error={error} />}
        {method === 'passkey' && (
          <>
            <Text size="sm">{t('factor.passkeyText')}</Text>
            <Button type="submit" leftSection={<Fingerprint size={15} />} loading={busy} data-autofocus>
              {t('usePasskey')}
            </Button>
          </>
        )}
        {method === 'totp' && (
          <CodeField ref={field} label={t('factor.code')} value={code} onChange={setCode} onComplete={send} />
        )}
        {method === 'recovery_code' && (
          <TextInput
            ref={field}
            label={t('factor.recoveryCode')}
            description={t('factor.recoveryText')}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            required
            withAsterisk={false}
            autoFocus
            data-autofocus
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        )}
        {method !== 'passkey' && (
          <Button type="submit" loading={busy}>
            {t('factor.verify')}
          </Button>
        )}
        {others.length > 0 && (
          <Stack gap={4}>
            {others.map((other) => (
              <Button key={other} variant="subtle" color="gray" disabled={busy} onClick={() => change(other)}>
                {t(`factor.use.${other}`)}
              </Button>
            ))}
          </Stack>
        )}
      </Stack>
    </form>
  );
}
