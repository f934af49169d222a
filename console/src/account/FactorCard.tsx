import { Button, Modal, Skeleton, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { beginTotp, confirmTotp, type EnrolmentView, removeTotp, renewRecoveryCodes } from '@trellis/client';
import KeyRound from 'lucide-react/icons/key-round';
import Smartphone from 'lucide-react/icons/smartphone';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '../frame/Card';
import { DangerDialog } from '../frame/DangerDialog';
import { ProblemAlert } from '../frame/Problem';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { RecoveryCodes } from '../sign-in/RecoveryCodes';
import { TotpSetup } from '../sign-in/TotpSetup';
import { useStep } from '../sign-in/useStep';
import { factors, refreshFactors } from './factors';
import { Row, Rows } from './Row';

interface Props {
  /** Shows the codes that came with the first factor. */
  onCodes: (codes: readonly string[]) => void;
}

/** The authenticator app and the recovery codes. */
export function FactorCard({ onCodes }: Props) {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const textOf = useProblemText();
  const state = useQuery(factors);
  const [setup, setSetup] = useState<EnrolmentView | null>(null);
  const [dialog, setDialog] = useState<'remove' | 'renew' | null>(null);
  const { busy, run } = useStep((error) => toast(textOf(error), { error: true }));
  const begin = () => run(async () => setSetup((await beginTotp()).data));
  const confirm = async (code: string) => {
    const { data } = await confirmTotp({ body: { code } });
    setSetup(null);
    if (data.recoveryCodes) onCodes(data.recoveryCodes);
    else toast(t('factors.added'));
    await refreshFactors(queries);
  };
  const { totp = false, enrolled = false, recoveryCodesLeft = 0 } = state.data ?? {};
  return (
    <Card
      title={t('factors.title')}
      action={
        state.data && (
          <StatusBadge tone={enrolled ? 'good' : 'warning'}>{t(enrolled ? 'factors.on' : 'factors.off')}</StatusBadge>
        )
      }
    >
      {state.isError && <ProblemAlert error={state.error} onRetry={() => void state.refetch()} />}
      {state.isPending && <Skeleton h={80} />}
      {state.data && (
        <Rows>
          <Row
            icon={<Smartphone size={18} aria-hidden color="var(--mantine-color-dimmed)" />}
            title={t('factors.app')}
            text={t(totp ? 'factors.appOn' : 'factors.appOff')}
          >
            {totp ? (
              <Button variant="default" size="xs" onClick={() => setDialog('remove')}>
                {t('remove')}
              </Button>
            ) : (
              <Button variant="default" size="xs" loading={busy} onClick={() => void begin()}>
                {t('factors.setUp')}
              </Button>
            )}
          </Row>
          {enrolled && (
            <Row
              icon={<KeyRound size={18} aria-hidden color="var(--mantine-color-dimmed)" />}
              title={t('factors.codes')}
              text={t('factors.codesLeft', { count: recoveryCodesLeft })}
            >
              <Button variant="default" size="xs" onClick={() => setDialog('renew')}>
                {t('factors.renew')}
              </Button>
            </Row>
          )}
        </Rows>
      )}
      <Modal opened={setup !== null} onClose={() => setSetup(null)} title={t('factors.setUpTitle')} size="lg">
        {setup?.secret && <TotpSetup secret={setup.secret} qrCode={setup.qrCode ?? ''} onCode={confirm} />}
      </Modal>
      <DangerDialog
        opened={dialog === 'remove'}
        onClose={() => setDialog(null)}
        title={t('factors.removeTitle')}
        verb={t('remove')}
        act={async () => {
          await removeTotp();
          await refreshFactors(queries);
        }}
      >
        <Text size="sm">{t('factors.removeText')}</Text>
      </DangerDialog>
      <DangerDialog
        opened={dialog === 'renew'}
        onClose={() => setDialog(null)}
        title={t('factors.renewTitle')}
        verb={t('factors.renew')}
        act={async () => {
          onCodes((await renewRecoveryCodes()).data.recoveryCodes);
          await refreshFactors(queries);
        }}
      >
        <Text size="sm">{t('factors.renewText')}</Text>
      </DangerDialog>
    </Card>
  );
}

/** Shows new codes until the user says that they are kept. */
export function CodesDialog({ codes, onSaved }: { codes: readonly string[] | null; onSaved: () => void }) {
  const { t } = useTranslation('signIn');
  return (
    <Modal
      opened={codes !== null}
      onClose={onSaved}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('codes.title')}
    >
      {codes && <RecoveryCodes codes={codes} onSaved={onSaved} />}
    </Modal>
  );
}
