import { Button, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signInCall } from '../api/session';
import { ProblemAlert } from '../frame/Problem';
import { EnrollForm } from './EnrollForm';
import { FactorForm } from './FactorForm';
import { OrganizationChoice } from './OrganizationChoice';
import { type ChoiceStep, chooseByAddress, type FactorStep, type Outcome, signInStep } from './outcome';
import { SignInForm } from './SignInForm';
import { useStep } from './useStep';

interface Props {
  email?: string | undefined;
  /** The address of the page below, whose organization is entered again. */
  path: string;
}

/** All steps of a sign-in in one place, for the dialog over a page on which a session ended. */
export function SignInSteps({ email, path }: Props) {
  const { t } = useTranslation('signIn');
  const [step, setStep] = useState<FactorStep | ChoiceStep | null>(null);
  const { busy, error, run } = useStep();
  const goOn = async (outcome: Outcome) => {
    const next = await chooseByAddress(outcome, path);
    if (next.name !== 'done') setStep(next);
  };
  if (!step) return <SignInForm email={email} sameUser onOutcome={goOn} />;
  const { mfaToken, selectionToken } = { mfaToken: '', selectionToken: '', ...step };
  const enrolls = step.name === 'factor' && step.methods.length === 0;
  return (
    <Stack gap="md">
      <Title order={3}>
        {step.name === 'choice' ? t('choice.title') : enrolls ? t('enroll.title') : t('factor.title')}
      </Title>
      {error && <ProblemAlert error={error} />}
      {step.name === 'choice' && (
        <OrganizationChoice
          organizations={step.organizations}
          disabled={busy}
          onChoose={({ id }) =>
            void run(async () => goOn(await signInStep('select-organization', { selectionToken, organizationId: id })))
          }
        />
      )}
      {step.name === 'factor' &&
        (enrolls ? (
          <>
            <Text size="sm">{t('enroll.text')}</Text>
            <EnrollForm key={mfaToken} step={step} onOutcome={goOn} />
          </>
        ) : (
          <FactorForm
            key={mfaToken}
            methods={step.methods}
            passkeyOptions={() => signInCall('passkeys/options', { mfaToken })}
            onProof={async (proof) => goOn(await signInStep('mfa', { mfaToken, ...proof }))}
          />
        ))}
      <Button variant="subtle" color="gray" onClick={() => setStep(null)}>
        {t('back')}
      </Button>
    </Stack>
  );
}
