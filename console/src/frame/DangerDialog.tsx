import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/problem';
import { comparableName } from './comparableName';
import { ProblemAlert } from './Problem';

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** The verb on the button: “Delete organization”. */
  verb: string;
  /** Must be typed before the button works. */
  confirmName?: string;
  act: () => Promise<unknown>;
  /** What will happen, in numbers. */
  children: ReactNode;
}

/** Asks before something that hurts. The button names what it does. */
export function DangerDialog({ opened, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={rest.title} withCloseButton={false}>
      <Confirmation onClose={onClose} {...rest} />
    </Modal>
  );
}

function Confirmation({ onClose, verb, confirmName, act, children }: Omit<Props, 'opened' | 'title'>) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [acting, setActing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ready = confirmName === undefined || comparableName(typed) === comparableName(confirmName);
  const confirm = async () => {
    if (!ready || acting) return;
    setActing(true);
    setError(null);
    try {
      await act();
      onClose();
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      setError(refusal);
    } finally {
      setActing(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <Stack>
        {children}
        {error !== null && <ProblemAlert error={error} />}
        {confirmName !== undefined && (
          <TextInput
            label={t('form.typeToConfirm', { name: confirmName })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus={confirmName === undefined || undefined}>
            {t('cancel')}
          </Button>
          <Button type="submit" color="red" loading={acting} disabled={!ready}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
