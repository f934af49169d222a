import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { listOwnOrganizations } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import Plus from 'lucide-react/icons/plus';
import { useTranslation } from 'react-i18next';
import { isStaff, useAccount, useCan } from '../api/access';
import { pages } from '../api/pages';
import { session } from '../api/session';
import { RouteAnchor } from '../frame/links';
import { ProblemAlert } from '../frame/Problem';
import { start } from '../start';
import { AskForAccess } from './AskForAccess';
import { CreateOwnOrganization } from './CreateOwnOrganization';
import { isOpen, OrganizationRow, OrganizationSearch } from './OrganizationChoice';
import classes from './SignIn.module.css';
import { SignInShell } from './SignInShell';

export const ownOrganizations = (q: string | undefined) =>
  pages(['own-organizations', { q: q ?? '' }], (page, signal) =>
    listOwnOrganizations({ query: { ...page, sort: 'name', ...(q && { q }) }, signal }),
  );

interface Props {
  q: string;
  onSearch: (q: string) => void;
  /** Whether the dialog for a new organization is open. */
  creates: boolean;
  onCreates: (opened: boolean) => void;
}

/** Lists the user's organizations. */
export function ChooseOwnOrganization({ q, onSearch, creates, onCreates }: Props) {
  const { t } = useTranslation('signIn');
  const account = useAccount();
  const staff = isStaff(account);
  const can = useCan();
  // Users who are not staff need no permission: the operator limits how many they create.
  const mayCreate = staff ? can(requires.createOrganization) : start.signIn.createsOrganizations;
  const list = useInfiniteQuery(ownOrganizations(q));
  const organizations = list.data?.pages.flatMap(({ items }) => items);
  const none = organizations?.length === 0 && !q && !list.isPlaceholderData;
  const create = mayCreate && (
    <Button variant={none ? 'filled' : 'default'} leftSection={<Plus size={15} />} onClick={() => onCreates(true)}>
      {t('choice.create')}
    </Button>
  );
  const text = none ? t(mayCreate ? 'choice.createText' : 'choice.noneText') : t('choice.text');
  return (
    <SignInShell
      title={none ? t(mayCreate ? 'choice.createTitle' : 'choice.noneTitle') : t('choice.title')}
      text={text}
      footer={
        <Group justify="center" gap="md">
          {staff && (
            <RouteAnchor to="/organizations" size="sm">
              {t('choice.all')}
            </RouteAnchor>
          )}
          <RouteAnchor to="/account" size="sm">
            {t('choice.account')}
          </RouteAnchor>
          <RouteAnchor to="/sign-in" size="sm" onClick={() => void session.signOut()}>
            {t('choice.signOut')}
          </RouteAnchor>
        </Group>
      }
    >
      <Stack gap="md">
        {!none && <OrganizationSearch value={q} onChange={onSearch} />}
        {list.isError && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
        {list.isPending && <Skeleton h={96} />}
        {organizations && !none && (
          <ul className={classes.organizations}>
            {organizations.map((organization) => (
              <li key={organization.id}>
                {isOpen(organization) ? (
                  <Link to="/o/$slug" params={{ slug: organization.slug }} className={classes.organization}>
                    <OrganizationRow organization={organization} />
                  </Link>
                ) : (
                  <div className={classes.organization}>
                    <OrganizationRow organization={organization} />
                  </div>
                )}
              </li>
            ))}
            {organizations.length === 0 && (
              <Text component="li" size="sm" c="dimmed" px="xs" py="sm">
                {t('choice.none')}
              </Text>
            )}
          </ul>
        )}
        {list.hasNextPage && (
          <Button variant="subtle" color="gray" loading={list.isFetching} onClick={() => void list.fetchNextPage()}>
            {t('choice.more')}
          </Button>
        )}
        {none && !mayCreate && <AskForAccess />}
        {create}
      </Stack>
      <CreateOwnOrganization opened={creates && mayCreate} onClose={() => onCreates(false)} />
    </SignInShell>
  );
}
