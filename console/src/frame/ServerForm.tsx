import { Button, Group, Modal, Stack, Table, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './Problem';
import type { ServerForm as Model } from './useServerForm';

interface Props<V extends Record<string, unknown>> {
  model: Model<V>;
  /** Labels of the fields by their path, for the comparison of two versions. */
  labels: Partial<Record<(keyof V & string) | `${keyof V & string}.${string}`, string>>;
  onDone?: () => void;
  /**
   * Asks before the user leaves the page with changes that are not saved. A form in a dialog names the parameter of the
   * address that keeps it open, and asks before that changes too.
   */
  guard?: boolean | string;
  children: ReactNode;
}

/** A form of `useServerForm` with its refusals, its conflicts and its leave guard. */
export function ServerForm<V extends Record<string, unknown>>({ model, labels, onDone, guard, children }: Props<V>) {
  const { form, submit, refusal } = model;
  const send = async (act: () => Promise<boolean>) => {
    if (await act()) onDone?.();
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!form.validate().hasErrors) void send(submit);
      }}
    >
      <Stack gap="md">
        {refusal && <ProblemAlert error={refusal} />}
        {children}
      </Stack>
      <ConflictDialog model={model} labels={labels} saveMine={() => void send(model.saveMine)} />
      {guard && <LeaveGuard isActive={model.isUnsaved} {...(typeof guard === 'string' && { parameter: guard })} />}
    </form>
  );
}

/** The buttons at the end of a form that edits what exists. */
export function FormActions<V extends Record<string, unknown>>({ model: { form, sending } }: Pick<Props<V>, 'model'>) {
  const { t } = useTranslation();
  const unchanged = !form.isDirty();
  return (
    <Group gap="xs">
      <Button type="submit" loading={sending} disabled={unchanged}>
        {t('save')}
      </Button>
      <Button variant="default" disabled={unchanged || sending} onClick={form.reset}>
        {t('cancel')}
      </Button>
    </Group>
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Returns the value at a path like `dark.primaryColor`. */
const valueAt = (values: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], values);

interface ConflictProps<V extends Record<string, unknown>> extends Pick<Props<V>, 'model' | 'labels'> {
  saveMine: () => void;
}

/** Shows both versions side by side after someone else saved first. */
function ConflictDialog<V extends Record<string, unknown>>({ model, labels, saveMine }: ConflictProps<V>) {
  const { t } = useTranslation();
  const { conflict, form, sending, takeTheirs } = model;
  const mine = form.getValues();
  const differing = Object.entries<string | undefined>(labels).flatMap(([field, label]) => {
    const yours = shown(valueAt(mine, field));
    const theirs = shown(valueAt(conflict?.values, field));
    return conflict && yours !== theirs && form.isDirty(field) ? [{ field, label, yours, theirs }] : [];
  });
  return (
    <Modal
      opened={conflict !== null}
      onClose={takeTheirs}
      withCloseButton={false}
      size="lg"
      title={t('form.conflictTitle')}
    >
      <Stack>
        <Text size="sm">{t('form.conflictText')}</Text>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('form.field')}</Table.Th>
              <Table.Th>{t('form.yours')}</Table.Th>
              <Table.Th>{t('form.theirs')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {differing.map(({ field, label, yours, theirs }) => (
              <Table.Tr key={field}>
                <Table.Th scope="row">{label}</Table.Th>
                <Table.Td>{yours || t('form.empty')}</Table.Td>
                <Table.Td>{theirs || t('form.empty')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group justify="flex-end">
          <Button variant="default" onClick={takeTheirs}>
            {t('form.useTheirs')}
          </Button>
          <Button loading={sending} onClick={saveMine}>
            {t('form.useMine')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface LeaveGuardProps {
  isActive: () => boolean;
  /** The parameter of the address without which the dialog of the form closes. */
  parameter?: string;
}

/** Asks before changes that are not saved are lost: within the console by a dialog, otherwise by the browser. */
export function LeaveGuard({ isActive, parameter }: LeaveGuardProps) {
  const { t } = useTranslation();
  const blocker = useBlocker({
    // Other parameters are filters of the page, which stays.
    shouldBlockFn: ({ current, next }) =>
      isActive() && (current.pathname !== next.pathname || valueOf(current, parameter) !== valueOf(next, parameter)),
    enableBeforeUnload: isActive,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  // Escape closes this dialog alone, not also the one below it.
  const alone = { 'data-mantine-stop-propagation': true };
  return (
    <Modal
      opened
      onClose={blocker.reset}
      withCloseButton={false}
      title={t('form.unsavedTitle')}
      onKeyDown={({ key }) => key === 'Escape' && blocker.reset()}
    >
      <Stack>
        <Text size="sm">{t('form.unsavedText')}</Text>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus {...alone} onClick={blocker.reset}>
            {t('form.stay')}
          </Button>
          <Button color="red" {...alone} onClick={blocker.proceed}>
            {t('form.discard')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

const valueOf = ({ search }: { search: unknown }, parameter: string | undefined): unknown =>
  parameter && (search as Record<string, unknown>)[parameter];
