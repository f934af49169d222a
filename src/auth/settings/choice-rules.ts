import { Injectable } from '@nestjs/common';
import { includesRole, type OperatorRef, type OrganizationAccess } from '../../common/access/index.js';
import { Database } from '../../common/database/index.js';
import { admitsEmail, AUTH_SETTINGS, Settings } from '../../settings/index.js';
import { authErrors } from '../auth.errors.js';
import { AuthSettingsStore } from './auth-settings.store.js';

/** What settings say about becoming somebody here, which is not entering: registering, choosing a password, inviting. */
@Injectable()
export class ChoiceRules {
  constructor(
    private readonly db: Database,
    private readonly settings: Settings,
    private readonly store: AuthSettingsStore,
  ) {}

  /** Throws auth.registration_closed, auth.email_domain_not_allowed. */
  async assertMayRegister({ id: operatorId }: OperatorRef, email: string): Promise<void> {
    const { values } = await this.settings.read(AUTH_SETTINGS, { operatorId });
    if (!values.selfRegistration) throw authErrors.registration_closed();
    if (!admitsEmail(values, email)) throw authErrors.email_domain_not_allowed();
  }

  /** Of a password that is chosen at the operator, or on the way into an organization. */
  async passwordMinLength({ id: operatorId }: OperatorRef, organizationId?: string): Promise<number> {
    const { values } = await this.settings.read(AUTH_SETTINGS, { operatorId, organizationId });
    return values.passwordMinLength;
  }

  /** Of a password that somebody chooses for all the organizations he is in. */
  async passwordMinLengthOf({ id: operatorId }: OperatorRef, userId: string): Promise<number> {
    const { values, locks } = await this.settings.read(AUTH_SETTINGS, { operatorId });
    if (locks.includes('passwordMinLength')) return values.passwordMinLength;
    return Math.max(values.passwordMinLength, await this.store.longestPasswordOf(this.db.reader, userId));
  }

  /** Throws auth.invitations_off, auth.invitations_restricted. */
  async assertMayInvite({ operator, organizationId, role }: OrganizationAccess): Promise<void> {
    const { values } = await this.settings.read(AUTH_SETTINGS, { operatorId: operator.id, organizationId });
    if (values.invitations === 'off') throw authErrors.invitations_off();
    if (values.invitations === 'restricted' && !includesRole(role, 'admin')) throw authErrors.invitations_restricted();
  }
}
