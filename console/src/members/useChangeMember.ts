import { useMutation, useQueryClient } from '@tanstack/react-query';
import { changeMemberRole, type OrganizationMemberView, type Role } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { useRoleName } from './grants';

interface Change {
  member: Pick<OrganizationMemberView, 'userId' | 'name' | 'etag'>;
  role?: Role;
  roleIds?: string[];
}

/** Reads the lists of people of an organization again, and what the user may do there. */
export function useRefreshPeople(orgId: string): () => Promise<unknown> {
  const queries = useQueryClient();
  return () =>
    Promise.all(
      ['members', 'member', 'invitations', 'organization-access', 'roles', 'role-holders'].map((key) =>
        queries.invalidateQueries({ queryKey: [key, orgId] }),
      ),
    );
}

/** Changes the roles of a member and says so. If someone else was faster, the list shows their version. */
export function useChangeMember(orgId: string) {
  const { t } = useTranslation('membership');
  const problemText = useProblemText();
  const roleName = useRoleName();
  const refresh = useRefreshPeople(orgId);
  return useMutation({
    mutationFn: ({ member: { userId, etag }, role, roleIds }: Change) =>
      changeMemberRole({
        path: { orgId, userId },
        body: { ...(role && { role }), ...(roleIds && { roleIds }) },
        headers: { 'If-Match': etag },
      }),
    onSuccess: (_, { member: { name }, role }) =>
      toast(role ? t('roleChanged', { name, role: roleName({ key: role, name: role }) }) : t('rolesChanged', { name })),
    onError: (error) => toast(problemText(error), { error: true }),
    onSettled: refresh,
  });
}
