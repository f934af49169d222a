import { Button, PasswordInput, PinInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/problem';
import { type SignedIn, signInCall, take } from '../api/session';
import { ProblemAlert } from './Problem';

interface MfaRequired {
  mfaRequired: true;
  mfaToken: string;
  methods: string[];
}

interface Choice {
  selectionToken: string;
  organizations: { id: string; name: string; slug: string; externalId: string | null }[];
}

type Step = { name: 'password' } | { name: 'code'; mfaToken: string } | { name: 'choice'; choice: Choice };

interface Props {
  email?: string | undefined;
  /** Over a page, only the same user can go on. */
  sameUser?: boolean;
  onDone: (signedIn: SignedIn) => void;
}

/** Signs in: on the page of its own, and in a dialog over the page on which a session ended. */
export function SignInForm({ email, sameUser, onDone }: Props) {
  const { t } = useTranslation('signIn');
  const [step, setStep] = useState<Step>({ name: 'password' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: email ?? '', password: '' } });

  const request = async (path: string, body: object) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const answer = await signInCall<SignedIn | MfaRequired>(path, body);
      if ('mfaRequired' in answer) setStep({ name: 'code', mfaToken: answer.mfaToken });
      else {
        take(answer);
        onDone(answer);
      }
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      if (refusal.code === 'auth.organization_selection_required')
        setStep({ name: 'choice', choice: refusal.problem as unknown as Choice });
      else setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  const problem = error !== null && <ProblemAlert error={error} />;
  const back = (
    <Button variant="subtle" color="gray" onClick={() => setStep({ name: 'password' })}>
      {t('back')}
    </Button>
  );

  if (step.name === 'choice') {
    const { selectionToken, organizations } = step.choice;
    return (
      <Stack gap="xs">
        <Text fw={500}>{t('choose')}</Text>
        {problem}
        {organizations.map(({ id, name, externalId }) => (
          <Button
            key={id}
            variant="default"
            justify="space-between"
            rightSection={externalId}
            onClick={() => void request('select-organization', { selectionToken, organizationId: id })}
          >
            {name}
          </Button>
        ))}
        {back}
      </Stack>
    );
  }

  if (step.name === 'code')
    return (
      <Stack>
        <Text fw={500}>{t('code')}</Text>
        {problem}
        <PinInput
          length={6}
          oneTimeCode
          type="number"
          aria-label={t('code')}
          autoFocus
          disabled={busy}
          onComplete={(code) => void request('mfa', { mfaToken: step.mfaToken, code })}
        />
        {back}
      </Stack>
    );

  return (
    <form onSubmit={form.onSubmit((values) => void request('login', values))}>
      <Stack>
        {problem}
        <TextInput
          key={form.key('email')}
          label={t('email')}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          readOnly={sameUser === true && Boolean(email)}
          autoFocus={!email}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          key={form.key('password')}
          label={t('password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus={Boolean(email)}
          data-autofocus
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={busy} mt="xs">
          {t('submit')}
        </Button>
      </Stack>
    </form>
  );
}
