import { Button, Checkbox, Drawer, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import {
  getMember,
  type OrganizationMemberDetailView,
  type OrganizationMemberView,
  type OrganizationView,
} from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../frame/CopyButton';
import { RouteAnchor } from '../frame/links';
import { ProblemAlert } from '../frame/Problem';
import { useFormat } from '../i18n/useFormat';
import { Facts } from './Facts';
import { lastAdminOf, useGrants, useRoleName, useRoleText } from './grants';
import { MemberStatus } from './MemberStatus';
import { RoleMenu } from './RoleMenu';
import { useChangeMember } from './useChangeMember';

interface Props {
  organization: OrganizationView;
  /** Undefined while the drawer is closed. */
  userId: string | undefined;
  onClose: () => void;
  onRemove: (member: OrganizationMemberView) => void;
}

/** Everything about one member: roles, units, how they joined. */
export function MemberDrawer({ organization, userId, onClose, onRemove }: Props) {
  const { t } = useTranslation(['members', 'common']);
  const detail = useQuery({
    queryKey: ['member', organization.id, userId],
    queryFn: async ({ signal }) =>
      (await getMember({ path: { orgId: organization.id, userId: userId ?? '' }, signal })).data,
    enabled: userId !== undefined,
  });
  return (
    <Drawer
      opened={userId !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={
        <Text component="span" fz="lg" fw={600} dir="auto" style={{ overflowWrap: 'anywhere' }}>
          {detail.data?.name ?? t('member')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {detail.isError ? (
        <ProblemAlert error={detail.error} onRetry={() => void detail.refetch()} />
      ) : detail.data ? (
        <Detail organization={organization} member={detail.data} onRemove={onRemove} />
      ) : (
        <Stack aria-hidden>
          <Skeleton h={14} w="70%" />
          <Skeleton h={14} w="50%" />
          <Skeleton h={14} w="60%" />
        </Stack>
      )}
    </Drawer>
  );
}

interface DetailProps extends Pick<Props, 'organization' | 'onRemove'> {
  member: OrganizationMemberDetailView;
}

function Detail({ organization, member, onRemove }: DetailProps) {
  const { t } = useTranslation(['members', 'membership']);
  const format = useFormat();
  const grants = useGrants(organization.id);
  const change = useChangeMember(organization.id);
  const lastAdmin = useQuery(lastAdminOf(organization.id)).data;
  const { name, email, directoryEmail, directoryName, role, joinedAt, addedBy, units, provisioned } = member;
  const isLastAdmin = lastAdmin === member.userId;
  const mayChange = grants.mayChange(member);
  const changeRole = (next: typeof role) => change.mutate({ member, role: next });
  return (
    <Stack gap="xl">
      <MemberStatus member={member} />
      <Facts
        items={[
          {
            label: t('membership:email'),
            value: (
              <Group gap={4} wrap="nowrap">
                <span>{email}</span>
                <CopyButton value={email} />
              </Group>
            ),
          },
          ...(directoryEmail ? [{ label: t('directoryEmail'), value: directoryEmail }] : []),
          ...(directoryName ? [{ label: t('directoryName'), value: directoryName }] : []),
          {
            label: t('membership:roleLabel'),
            value: (
              <RoleMenu
                name={name}
                role={role}
                offered={mayChange ? grants.forMember(member) : [role]}
                onChange={changeRole}
                blocked={isLastAdmin ? t('lastAdmin') : undefined}
                busy={change.isPending}
              />
            ),
          },
          { label: t('since'), value: format.dateTime(joinedAt) },
          ...(addedBy ? [{ label: t('joined'), value: joinedText(addedBy) }] : []),
        ]}
      />
      {provisioned && (
        <Text size="sm" c="dimmed">
          {t('provisioned')}
        </Text>
      )}
      <AdditionalRoles orgId={organization.id} member={member} mayChange={mayChange} change={change} />
      <section aria-label={t('units')}>
        <Title order={3} mb="xs">
          {t('units')}
        </Title>
        {units.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('noUnits')}
          </Text>
        ) : (
          <Stack gap={6}>
            {units.map((unit) => (
              <Group key={unit.id} justify="space-between" wrap="nowrap" gap="sm">
                <RouteAnchor
                  to="/o/$slug/units/$unit"
                  params={{ slug: organization.slug, unit: unit.slug }}
                  size="sm"
                  truncate="end"
                >
                  {unit.name}
                </RouteAnchor>
                <Text size="sm" c="dimmed">
                  {t(`membership:role.${unit.role}`)}
                </Text>
              </Group>
            ))}
          </Stack>
        )}
      </section>
      {grants.mayRemove(member) && (
        <Stack gap="xs" align="flex-start">
          <Button variant="default" c="var(--app-danger)" disabled={isLastAdmin} onClick={() => onRemove(member)}>
            {t('remove')}
          </Button>
          {isLastAdmin && (
            <Text size="xs" c="dimmed">
              {t('lastAdmin')}
            </Text>
          )}
        </Stack>
      )}
    </Stack>
  );

  function joinedText({ type, name: by }: NonNullable<typeof addedBy>): string {
    if (type === 'system') return t('bySystem');
    if (type === 'api_key') return t('byKey', { name: by ?? t('erased') });
    return by === name ? t('byThemselves') : t('byUser', { name: by ?? t('erased') });
  }
}

interface RolesProps {
  orgId: string;
  member: OrganizationMemberDetailView;
  mayChange: boolean;
  change: ReturnType<typeof useChangeMember>;
}

/** Functional and custom roles. Each change takes effect at once. */
function AdditionalRoles({ orgId, member, mayChange, change }: RolesProps) {
  const { t } = useTranslation('membership');
  const roleName = useRoleName();
  const roleText = useRoleText();
  const { additional } = useGrants(orgId);
  const held = member.roles.map(({ id }) => id);
  const offered = mayChange ? additional.filter(({ id, grantable }) => grantable || held.includes(id)) : [];
  if (offered.length === 0 && held.length === 0) return null;
  return (
    <section aria-label={t('additionalRoles')}>
      <Title order={3} mb="xs">
        {t('additionalRoles')}
      </Title>
      <Stack gap="xs">
        {offered.map((role) => (
          <Checkbox
            key={role.id}
            label={roleName(role)}
            description={roleText(role)}
            checked={held.includes(role.id)}
            disabled={!role.grantable || change.isPending}
            onChange={({ currentTarget: { checked } }) =>
              change.mutate({
                member,
                roleIds: checked ? [...held, role.id] : held.filter((id) => id !== role.id),
              })
            }
          />
        ))}
        {offered.length === 0 && <Text size="sm">{member.roles.map(roleName).join(', ')}</Text>}
      </Stack>
    </section>
  );
}
