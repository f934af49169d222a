import { Button, Group, Stack, Text } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import Check from 'lucide-react/icons/check';
import Copy from 'lucide-react/icons/copy';
import Download from 'lucide-react/icons/download';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../frame/saveFile';
import { LeaveGuard } from '../frame/ServerForm';
import { start } from '../start';
import classes from './SignIn.module.css';

/** Shows the codes once. The user confirms that they are kept. */
export function RecoveryCodes({ codes, onSaved }: { codes: readonly string[]; onSaved: () => void }) {
  const { t } = useTranslation(['signIn', 'common']);
  const { copy, copied } = useClipboard();
  const [saved, setSaved] = useState(false);
  const leave = useEffectEvent(onSaved);
  // After the guard, which would ask whether to lose the codes, has seen it.
  useEffect(() => {
    if (saved) leave();
  }, [saved]);
  const text = codes.join('\n');
  return (
    <Stack gap="md">
      <Text size="sm">{t('codes.text')}</Text>
      <ul className={classes.codes} aria-label={t('codes.title')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Group gap="xs" grow>
        <Button
          variant="default"
          leftSection={copied ? <Check size={15} /> : <Copy size={15} />}
          onClick={() => copy(text)}
        >
          {copied ? t('common:copied') : t('common:copy')}
        </Button>
        <Button
          variant="default"
          leftSection={<Download size={15} />}
          onClick={() => saveFile(new Blob([`${text}\n`]), `${start.operator.slug}-recovery-codes.txt`)}
        >
          {t('codes.download')}
        </Button>
      </Group>
      <Button onClick={() => setSaved(true)}>{t('codes.saved')}</Button>
      <LeaveGuard isActive={() => !saved} />
    </Stack>
  );
}
