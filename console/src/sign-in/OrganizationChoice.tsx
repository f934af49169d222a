import { Avatar, Text, TextInput, UnstyledButton } from '@mantine/core';
import type { MembershipView } from '@trellis/client';
import ChevronRight from 'lucide-react/icons/chevron-right';
import Search from 'lucide-react/icons/search';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contains } from '../frame/contains';
import { initialsOf } from '../frame/initials';
import classes from './SignIn.module.css';

type Choosable = Pick<MembershipView, 'id' | 'name' | 'slug' | 'externalId' | 'status' | 'role'>;

/** Tells whether the user can work in it: only admins enter suspended organizations. */
export const isOpen = ({ status, role }: Choosable): boolean => status === 'active' || role === 'admin';

/** What an entry of the list shows. */
export function OrganizationRow({ organization }: { organization: Choosable }) {
  const { t } = useTranslation(['signIn', 'common']);
  const { name, slug, externalId, status } = organization;
  return (
    <>
      <Avatar size={32} radius="sm" color="gray" aria-hidden>
        {initialsOf(name)}
      </Avatar>
      <div className={classes.names}>
        <Text size="sm" fw={500} truncate>
          {name}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {status === 'suspended' ? t(isOpen(organization) ? 'common:status.suspended' : 'choice.suspended') : slug}
          {externalId && ` · ${externalId}`}
        </Text>
      </div>
      {isOpen(organization) && <ChevronRight size={15} aria-hidden />}
    </>
  );
}

interface Props {
  organizations: readonly Choosable[];
  disabled?: boolean;
  onChoose: (organization: Choosable) => void;
}

/** Lets the user choose one of the organizations that the sign-in offers. */
export function OrganizationChoice({ organizations, disabled, onChoose }: Props) {
  const { t } = useTranslation('signIn');
  const [q, setQ] = useState('');
  const found = organizations.filter(({ name, slug, externalId }) =>
    [name, slug, externalId].some((text) => contains(text ?? '', q)),
  );
  return (
    <>
      <OrganizationSearch value={q} onChange={setQ} />
      <div className={classes.organizations}>
        {found.map((organization) => (
          <UnstyledButton
            key={organization.id}
            className={classes.organization}
            disabled={disabled === true || !isOpen(organization)}
            onClick={() => onChoose(organization)}
          >
            <OrganizationRow organization={organization} />
          </UnstyledButton>
        ))}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" px="xs" py="sm" role="status">
            {t('choice.none')}
          </Text>
        )}
      </div>
    </>
  );
}

export function OrganizationSearch({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation('signIn');
  return (
    <TextInput
      type="search"
      aria-label={t('choice.search')}
      placeholder={t('choice.search')}
      leftSection={<Search size={15} />}
      autoFocus
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
