import type { Access } from '../common/access/index.js';

/** Who reads events. */
export type EventReader = Pick<Access, 'operator' | 'operatorPermissions'>;

/**
 * Returns SQL for the name of a user in an organization. Staff who never belonged to it appear under the name of the operator,
 * except to staff.
 */
export function userNameFor({ operatorPermissions }: EventReader, user: string, organizationId: string): string {
  if (operatorPermissions.has('operator-members:list')) return `${user}.name`;
  const belongs = ['organization_members', 'former_members'].map(
    (table) => `exists (select from ${table} m where m.organization_id = ${organizationId} and m.user_id = ${user}.id)`,
  );
  return `case when ${user}.erased_at is not null or ${belongs.join(' or ')} then ${user}.name
    else (select o.name from organizations g join operators o on o.id = g.operator_id where g.id = ${organizationId}) end`;
}
