import { Box, Button, Group, Modal, MultiSelect, Progress, Select, Stack, Text, Textarea } from '@mantine/core';
import * as requires from '@trellis/client/requires';
import CircleAlert from 'lucide-react/icons/circle-alert';
import CircleCheck from 'lucide-react/icons/circle-check';
import CircleDashed from 'lucide-react/icons/circle-dashed';
import Copy from 'lucide-react/icons/copy';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { ProblemAlert } from '../frame/Problem';
import { useProblemText } from '../frame/useProblemText';
import { parseAddresses } from './addresses';
import { useGrants, useRoleName } from './grants';
import classes from './InviteDialog.module.css';
import {
  beginAgain,
  type Outcome,
  resumeInvitations,
  sendInvitations,
  setDraft,
  useInvite,
  watchInvitations,
} from './invite.store';
import { UnitPicker } from './UnitPicker';

interface Props {
  orgId: string;
  opened: boolean;
  onClose: () => void;
}

/** Invites many people at once. Closing it loses nothing: what was typed stays, and what is being sent goes on. */
export function InviteDialog({ orgId, opened, onClose }: Props) {
  const { t } = useTranslation(['invitations', 'membership', 'common']);
  const { outcomes } = useInvite(orgId);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t('membership:invite')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {outcomes ? (
        <Outcomes orgId={orgId} outcomes={outcomes} onClose={onClose} />
      ) : (
        <DraftForm orgId={orgId} onClose={onClose} />
      )}
    </Modal>
  );
}

const MAX_MESSAGE = 1000;

function DraftForm({ orgId, onClose }: Omit<Props, 'opened'>) {
  const { t } = useTranslation(['invitations', 'membership', 'common']);
  const roleName = useRoleName();
  const { draft } = useInvite(orgId);
  const grants = useGrants(orgId);
  const can = useCanIn(orgId);
  const entries = useMemo(() => parseAddresses(draft.text), [draft.text]);
  const valid = entries.filter(({ state }) => state === 'valid').map(({ text }) => text);
  const flawed = entries.filter(({ state }) => state !== 'valid');
  const additional = grants.additional.filter(({ grantable }) => grantable);
  const counts = [
    t('ready', { count: valid.length }),
    ...(['duplicate', 'invalid'] as const).flatMap((state) => {
      const count = flawed.filter((one) => one.state === state).length;
      return count > 0 ? [t(`counts.${state}`, { count })] : [];
    }),
  ];
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (valid.length > 0) void sendInvitations(orgId, valid);
      }}
    >
      <Stack>
        <div>
          <Textarea
            label={t('addresses')}
            description={t('addressesText')}
            placeholder={'ada@example.com\nAlan Turing <alan@example.com>'}
            autosize
            minRows={4}
            maxRows={9}
            spellCheck={false}
            data-autofocus
            value={draft.text}
            onChange={({ currentTarget: { value } }) => setDraft(orgId, { text: value })}
          />
          <Text size="xs" c="dimmed" mt={4} role="status" mih="1.4em">
            {entries.length > 0 && counts.join(' · ')}
          </Text>
        </div>
        {entries.length > 0 && (
          <Box component="ul" className={classes.entries} aria-label={t('preview')} tabIndex={0}>
            {/* What needs a look comes first. */}
            {[...flawed, ...entries.filter(({ state }) => state === 'valid')].map(({ text, state }, index) => (
              <li key={`${index}-${text}`}>
                <Mark state={state === 'valid' ? 'waiting' : state === 'duplicate' ? 'skipped' : 'refused'} />
                <span className={classes.address}>{text}</span>
                {state !== 'valid' && <span className={classes.reason}>{t(`entry.${state}`)}</span>}
              </li>
            ))}
          </Box>
        )}
        <Group grow align="flex-start">
          <Select
            label={t('membership:roleLabel')}
            data={grants.forNew.map((key) => ({ value: key, label: roleName({ key, name: key }) }))}
            value={draft.role}
            onChange={(role) => role && setDraft(orgId, { role })}
            allowDeselect={false}
          />
          {additional.length > 0 && (
            <MultiSelect
              label={t('membership:additionalRoles')}
              data={additional.map((role) => ({ value: role.id, label: roleName(role) }))}
              value={draft.roleIds}
              onChange={(roleIds) => setDraft(orgId, { roleIds })}
              clearable
            />
          )}
        </Group>
        {can(requires.listUnits) && (
          <UnitPicker
            orgId={orgId}
            label={t('units')}
            value={draft.units}
            onChange={(units) => setDraft(orgId, { units })}
          />
        )}
        <Textarea
          label={t('message')}
          description={t('messageText')}
          autosize
          minRows={2}
          maxRows={5}
          maxLength={MAX_MESSAGE}
          value={draft.message}
          onChange={({ currentTarget: { value } }) => setDraft(orgId, { message: value })}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" disabled={valid.length === 0}>
            {valid.length === 0 ? t('sendNone') : t('send', { count: valid.length })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Outcomes({ orgId, outcomes, onClose }: { orgId: string; outcomes: Outcome[]; onClose: () => void }) {
  const { t } = useTranslation(['invitations', 'common']);
  const problemText = useProblemText();
  const { running, stopped } = useInvite(orgId);
  useEffect(watchInvitations, []);
  const refused = outcomes.filter(({ state }) => state === 'refused');
  const waiting = outcomes.filter(({ state }) => state === 'waiting');
  const done = outcomes.length - waiting.length;
  const summary = running
    ? t('progress', { done, count: outcomes.length })
    : [
        t('sent', { count: done - refused.length }),
        ...(refused.length > 0 ? [t('refused', { count: refused.length })] : []),
        ...(waiting.length > 0 ? [t('notSent', { count: waiting.length })] : []),
      ].join(' · ');
  return (
    <Stack>
      <div>
        <Text size="sm" fw={500} mb={6} role="status">
          {summary}
        </Text>
        <Progress value={(100 * done) / outcomes.length} aria-label={t('progressLabel')} size="sm" />
      </div>
      {stopped && <ProblemAlert error={stopped} onRetry={() => void resumeInvitations(orgId)} />}
      <Box component="ul" className={classes.entries} data-tall aria-label={t('outcomes')} tabIndex={0}>
        {[...refused, ...outcomes.filter(({ state }) => state !== 'refused')].map(({ email, state, refusal }) => (
          <li key={email}>
            <Mark state={state} />
            <span className={classes.address}>{email}</span>
            <span className={classes.reason}>
              {refusal ? problemText(refusal) : t(`outcome.${state === 'created' ? 'created' : 'waiting'}`)}
            </span>
          </li>
        ))}
      </Box>
      <Group justify="flex-end">
        {running && (
          <Text size="xs" c="dimmed" mr="auto">
            {t('goesOn')}
          </Text>
        )}
        {!running && refused.length > 0 && (
          <Button variant="default" onClick={() => beginAgain(orgId, refused.map(({ email }) => email).join('\n'))}>
            {t('editRefused')}
          </Button>
        )}
        {!running && refused.length === 0 && (
          <Button variant="default" onClick={() => beginAgain(orgId)}>
            {t('inviteMore')}
          </Button>
        )}
        <Button
          data-autofocus
          onClick={() => {
            // The next time the dialog begins with an empty field.
            if (!running && waiting.length === 0) beginAgain(orgId);
            onClose();
          }}
        >
          {running ? t('common:close') : t('done')}
        </Button>
      </Group>
    </Stack>
  );
}

function Mark({ state }: { state: Outcome['state'] | 'skipped' }) {
  if (state === 'created') return <CircleCheck size={15} color="var(--app-success)" aria-hidden />;
  if (state === 'refused') return <CircleAlert size={15} color="var(--app-danger)" aria-hidden />;
  if (state === 'skipped') return <Copy size={15} color="var(--mantine-color-dimmed)" aria-hidden />;
  return <CircleDashed size={15} color="var(--mantine-color-dimmed)" aria-hidden />;
}
