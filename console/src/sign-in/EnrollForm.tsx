import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { EnrolmentView } from '@trellis/client';
import Fingerprint from 'lucide-react/icons/fingerprint-pattern';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signInCall } from '../api/session';
import { ProblemAlert } from '../frame/Problem';
import { type EnrollableFactor, type FactorStep, type Outcome, signInStep } from './outcome';
import { createPasskey, hasPasskeys } from './passkey';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpSetup } from './TotpSetup';
import { useStep } from './useStep';

interface Props {
  step: FactorStep;
  onOutcome: (outcome: Outcome) => void | Promise<void>;
}

/** Sets up the second factor that the sign-in requires. The sign-in goes on once the recovery codes are kept. */
export function EnrollForm({ step: { mfaToken, enrolment }, onOutcome }: Props) {
  const { t } = useTranslation('signIn');
  const methods = enrolment.filter((method) => method !== 'passkey' || hasPasskeys());
  const [method, setMethod] = useState<EnrollableFactor>(methods.includes('totp') ? 'totp' : 'passkey');
  const [enrolled, setEnrolled] = useState<Outcome | null>(null);
  const { busy, error, run } = useStep();
  const begin = (chosen: EnrollableFactor) => signInCall<EnrolmentView>('mfa/enrolment', { mfaToken, method: chosen });
  const app = useQuery({
    queryKey: ['enrolment', mfaToken],
    queryFn: () => begin('totp'),
    enabled: method === 'totp',
    staleTime: Infinity,
    retry: false,
  });
  const finish = async (outcome: Outcome) => {
    if (outcome.recoveryCodes) setEnrolled(outcome);
    else await onOutcome(outcome);
  };
  const withPasskey = () =>
    run(async () => {
      const { options } = await begin('passkey');
      await finish(await signInStep('mfa', { mfaToken, credential: await createPasskey(options ?? {}) }));
    });

  if (enrolled?.recoveryCodes)
    return <RecoveryCodes codes={enrolled.recoveryCodes} onSaved={() => void onOutcome(enrolled)} />;
  const other = methods.find((one) => one !== method);
  return (
    <Stack gap="md">
      {error && <ProblemAlert error={error} />}
      {method === 'totp' && app.isError && <ProblemAlert error={app.error} />}
      {method === 'totp' && app.isPending && <Skeleton h={180} />}
      {method === 'totp' && app.data?.secret && (
        <TotpSetup
          secret={app.data.secret}
          qrCode={app.data.qrCode ?? ''}
          onCode={async (code) => finish(await signInStep('mfa', { mfaToken, code }))}
        />
      )}
      {method === 'passkey' && (
        <>
          <Text size="sm">{t('enroll.passkeyText')}</Text>
          <Button leftSection={<Fingerprint size={15} />} loading={busy} onClick={() => void withPasskey()}>
            {t('enroll.createPasskey')}
          </Button>
        </>
      )}
      {other && (
        <Button variant="subtle" color="gray" disabled={busy} onClick={() => setMethod(other)}>
          {t(`enroll.use.${other}`)}
        </Button>
      )}
    </Stack>
  );
}
