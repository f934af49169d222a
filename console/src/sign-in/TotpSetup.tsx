import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../frame/CopyButton';
import { ProblemAlert } from '../frame/Problem';
import { CodeField } from './CodeField';
import classes from './SignIn.module.css';
import { useStep } from './useStep';

interface Props {
  secret: string;
  qrCode: string;
  onCode: (code: string) => Promise<void>;
}

/** Sets up an authenticator app: QR code, key, and the first code. */
export function TotpSetup({ secret, qrCode, onCode }: Props) {
  const { t } = useTranslation('signIn');
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { busy, error, run } = useStep(() => field.current?.select());
  const send = () => void run(() => onCode(code));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t('enroll.scan')}</Text>
        <Group gap="lg" align="flex-start">
          <img className={classes.qr} src={qrCode} alt={t('enroll.qrCode')} />
          <Stack gap={4} flex={1} miw="9rem">
            <Text size="sm" fw={500}>
              {t('enroll.key')}
            </Text>
            <Text size="xs" c="dimmed">
              {t('enroll.keyText')}
            </Text>
            <Group gap={4} wrap="nowrap" align="flex-start">
              <Code fz="xs" style={{ overflowWrap: 'anywhere' }}>
                {secret.replace(/(.{4})(?=.)/g, '$1 ')}
              </Code>
              <CopyButton value={secret} label={t('enroll.key')} />
            </Group>
          </Stack>
        </Group>
        {error && <ProblemAlert error={error} />}
        <CodeField ref={field} label={t('factor.code')} value={code} onChange={setCode} onComplete={send} />
        <Button type="submit" loading={busy}>
          {t('enroll.confirm')}
        </Button>
      </Stack>
    </form>
  );
}
