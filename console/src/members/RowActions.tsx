import { ActionIcon, Button, Group, Menu, Tooltip, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import Ellipsis from 'lucide-react/icons/ellipsis';
import { useTranslation } from 'react-i18next';
import type { Column } from '../frame/VirtualTable';

export interface RowAction {
  label: string;
  run: () => void;
  /** Says why it is impossible now. */
  blocked?: string | undefined;
  busy?: boolean;
}

const NARROW_WIDTH = '2rem';

/** The last column of a list: buttons, which are a menu on narrow screens. `width` is that of the buttons. */
export function useActionsColumn<T>(
  width: string,
  nameOf: (row: T) => string,
  actions: (row: T) => RowAction[],
): Column<T> {
  const { t } = useTranslation('membership');
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  return {
    key: 'actions',
    header: <VisuallyHidden>{t('actions')}</VisuallyHidden>,
    width: narrow ? NARROW_WIDTH : width,
    cell: (row) =>
      narrow ? (
        <ActionMenu actions={actions(row)} label={t('actionsFor', { name: nameOf(row) })} />
      ) : (
        <Group gap={2} justify="flex-end" wrap="nowrap">
          {actions(row).map((action) => (
            <ActionButton key={action.label} {...action} />
          ))}
        </Group>
      ),
    numeric: true,
  };
}

/** Stays focusable while it is disabled, so that everyone can read why. */
const ActionButton = ({ label, run, blocked, busy }: RowAction) => (
  <Tooltip label={blocked} disabled={!blocked} multiline w={240}>
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      fw={500}
      loading={busy ?? false}
      aria-disabled={blocked !== undefined}
      {...(blocked && { 'data-disabled': true, bg: 'transparent' })}
      onClick={() => blocked === undefined && run()}
    >
      {label}
      {blocked && <VisuallyHidden>{`: ${blocked}`}</VisuallyHidden>}
    </Button>
  </Tooltip>
);

function ActionMenu({ actions, label }: { actions: RowAction[]; label: string }) {
  if (actions.length === 0) return null;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={label} ml="auto">
          <Ellipsis size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => (
          <Menu.Item key={action.label} disabled={action.blocked !== undefined} onClick={action.run}>
            {action.label}
          </Menu.Item>
        ))}
        {actions.map(({ blocked }) => blocked && <Menu.Label key={blocked}>{blocked}</Menu.Label>)}
      </Menu.Dropdown>
    </Menu>
  );
}
