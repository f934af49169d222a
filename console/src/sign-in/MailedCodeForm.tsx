import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { isRefusal } from '../api/problem';
import { ProblemAlert } from '../frame/Problem';
import { useStep } from './useStep';

interface Props {
  email: string;
  initialCode?: string | undefined;
  /** `sameBrowser`: only if this browser asked for the link. */
  onCode: (code: string, sameBrowser?: true) => Promise<void>;
  onBack: () => void;
}

/**
 * Takes the code that the page behind a mailed link shows. A code from the address signs in at once in the browser that asked for
 * the link. Elsewhere the user has to confirm it.
 */
export function MailedCodeForm({ email, initialCode, onCode, onBack }: Props) {
  const { t } = useTranslation('signIn');
  const [code, setCode] = useState(initialCode ?? '');
  const { busy, error, run } = useStep();
  const [trying, setTrying] = useState(initialCode !== undefined);
  const tried = useRef(false);
  useEffect(() => {
    if (initialCode === undefined || tried.current) return;
    tried.current = true;
    const tryHere = async () => {
      try {
        await onCode(initialCode, true);
      } catch (refusal) {
        setTrying(false);
        if (!isRefusal(refusal, 'auth.browser_mismatch')) throw refusal;
      }
    };
    void run(tryHere);
  });
  if (trying)
    return (
      <Text size="sm" role="status">
        {t('signingIn')}
      </Text>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => onCode(code.trim()));
      }}
    >
      <Stack gap="md">
        <Text size="sm" role="status">
          {/* The address of the page may name any account, so a code from there is not said to be for that one. */}
          <Trans
            t={t}
            i18nKey={initialCode ? 'mail.confirm' : 'mail.sent'}
            values={{ email }}
            components={{ b: <Text span fw={600} style={{ overflowWrap: 'anywhere' }} /> }}
          />
        </Text>
        {error && <ProblemAlert error={error} />}
        <TextInput
          label={t('mail.code')}
          required
          withAsterisk={false}
          autoComplete="off"
          autoFocus={!initialCode}
          readOnly={initialCode !== undefined}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} autoFocus={initialCode !== undefined}>
          {t('submit')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onBack}>
          {t('otherWay')}
        </Button>
      </Stack>
    </form>
  );
}
