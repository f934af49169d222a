import { Button, Menu, Text } from '@mantine/core';
import type { Role } from '@trellis/client';
import Check from 'lucide-react/icons/check';
import ChevronDown from 'lucide-react/icons/chevron-down';
import { useTranslation } from 'react-i18next';
import { useRoleName } from './grants';

interface Props {
  /** Whose role it is. */
  name: string;
  role: Role;
  offered: readonly Role[];
  onChange: (role: Role) => void;
  /** Says why other roles cannot be chosen now. */
  blocked?: string | undefined;
  busy?: boolean;
  /** The role counts in one unit only. */
  inUnit?: boolean;
}

/** Shows a role and offers the roles that the user may give instead. Without a choice it is text. */
export function RoleMenu({ name, role, offered, onChange, blocked, busy, inUnit }: Props) {
  const { t } = useTranslation('membership');
  const roleName = useRoleName();
  const nameOf = (one: Role) => roleName({ key: one, name: one });
  if (!offered.some((one) => one !== role)) return <>{nameOf(role)}</>;
  return (
    <Menu position="bottom-start" width={300}>
      <Menu.Target>
        <Button
          variant="transparent"
          color="gray"
          size="compact-sm"
          ml="-0.5rem"
          fw={500}
          fz="inherit"
          c="var(--mantine-color-text)"
          loading={busy ?? false}
          rightSection={<ChevronDown size={13} />}
          aria-label={t('roleOf', { role: nameOf(role), name })}
        >
          {nameOf(role)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {blocked && <Menu.Label>{blocked}</Menu.Label>}
        {offered.map((one) => (
          <Menu.Item
            key={one}
            disabled={blocked !== undefined && one !== role}
            leftSection={one === role ? <Check size={14} /> : <span style={{ width: 14 }} />}
            aria-current={one === role ? 'true' : undefined}
            onClick={() => one !== role && onChange(one)}
          >
            {nameOf(one)}
            <Text size="xs" c="dimmed" component="span" display="block">
              {inUnit ? t(`unitRoleText.${one}`) : t(`roleText.${one}`)}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
