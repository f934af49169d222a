import { Injectable } from '@nestjs/common';
import type { OperatorRef } from '../../../common/access/index.js';
import { admitsEmail, AuthSettingsService } from '../../../settings/index.js';
import { authErrors } from '../../access/index.js';

/** Applies the auth settings for new accounts and new passwords. */
@Injectable()
export class RegistrationPolicy {
  constructor(private readonly settings: AuthSettingsService) {}

  /** Refuses an address that may not register. */
  async assertMayRegister({ id: operatorId }: OperatorRef, email: string): Promise<void> {
    const values = await this.settings.effective({ operatorId });
    if (!values.selfRegistration) throw authErrors.registration_closed();
    if (!admitsEmail(values, email)) throw authErrors.email_domain_not_allowed();
  }

  /** Returns the minimum for a password that is chosen at the operator, or while joining an organization. */
  async passwordMinLength({ id: operatorId }: OperatorRef, organizationId?: string): Promise<number> {
    return (await this.settings.effective({ operatorId, organizationId })).passwordMinLength;
  }

  /** Returns the minimum for a password that must be good enough for all of a user's organizations. */
  passwordMinLengthOf({ id: operatorId }: OperatorRef, userId: string): Promise<number> {
    return this.settings.passwordMinLengthOf(operatorId, userId);
  }
}
