import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';
import type { SessionFacts } from '../proof.js';
import { OWN_METHOD } from '../session-facts.js';
import type { EnrolledFactors } from './enrolled-factors.js';

/** What was proved in a session, and how long ago. */
export interface SessionProof extends Pick<SessionFacts, 'factors' | 'ownMethod' | 'ssoOrganizationId'> {
  /** Since the user last proved something. Only counts together with a proof to this server. */
  ageSeconds: number;
  /** Since the identity provider last authenticated the user. Null if it does not say. */
  ssoAgeSeconds: number | null;
  connectionId: string | null;
}

/** Reads what decides whether a session must confirm the user's identity again. */
@Injectable()
export class StepUpStore {
  async enrolled(reader: Reader, userId: string): Promise<EnrolledFactors> {
    const row = await reader.one<{ totp: boolean; passkey: boolean; recoveryCodes: string }>(
      `select exists (select from totp_factors where user_id = $1 and confirmed_at is not null) as totp,
         exists (select from passkeys where user_id = $1) as passkey,
         (select count(*) from recovery_codes where user_id = $1 and used_at is null) as "recoveryCodes"`,
      [userId],
    );
    return {
      totp: row.totp,
      passkey: row.passkey,
      recoveryCodes: Number(row.recoveryCodes),
    };
  }

  proofOf(reader: Reader, id: string): Promise<SessionProof | null> {
    return reader.maybe<SessionProof>(
      `select s.factors, s.sso_organization_id as "ssoOrganizationId", ${OWN_METHOD}, extract(epoch from now() - s.proved_at)::float8 as "ageSeconds",
         extract(epoch from now() - s.sso_proved_at)::float8 as "ssoAgeSeconds",
         (select c.connection_id from session_claims c where c.session_id = s.id) as "connectionId"
       from sessions s where s.id = $1`,
      [id],
    );
  }

  /**
   * Tells whether a mailed link counts beside the identity provider of an organization: the organization did not prove the
   * domain of the address, or the user belongs to it alone and is not staff.
   */
  async mayUseMail(reader: Reader, userId: string, organizationId: string): Promise<boolean> {
    const row = await reader.one<{ allowed: boolean }>(
      `select not exists (select from verified_domains d where d.operator_id = u.operator_id
           and d.organization_id = $2 and d.domain = split_part(u.email, '@', 2))
         or (not u.platform_admin
           and not exists (select from operator_members om where om.user_id = u.id and om.role <> 'user')
           and not exists (select from organization_members m where m.user_id = u.id and m.organization_id <> $2)
         ) as allowed
       from users u where u.id = $1`,
      [userId, organizationId],
    );
    return row.allowed;
  }

  async hasPassword(reader: Reader, userId: string): Promise<boolean> {
    return (await reader.maybe('select 1 from passwords where user_id = $1', [userId])) !== null;
  }
}
