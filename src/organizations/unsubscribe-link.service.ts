import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/index.js';
import { SecretBox } from '../common/crypto/index.js';
import { isId } from '../common/ids/index.js';
import { NOTICE_KINDS, type NoticeKind } from './notice-kind.js';
import { organizationErrors } from './organization.errors.js';

const PURPOSE = 'unsubscribe';
const VALID_MS = 90 * 86_400_000;

/** What a link switches off: one kind of notice, for one member of one organization. */
export interface Unsubscription {
  organizationId: string;
  userId: string;
  kind: NoticeKind;
}

/** Makes the links that switch off notices without a sign-in. They are signed, so the server stores none. */
@Injectable()
export class UnsubscribeLinkService {
  constructor(
    private readonly config: Config,
    private readonly secrets: SecretBox,
  ) {}

  linkFor(operatorSlug: string, { organizationId, userId, kind }: Unsubscription): string {
    const text = [organizationId, userId, kind, Date.now() + VALID_MS].join('.');
    const token = Buffer.from(`${text}.${this.secrets.sign(PURPOSE, text)}`).toString('base64url');
    return `${this.config.baseUrl}/t/${operatorSlug}/unsubscribe/${token}`;
  }

  read(token: string): Unsubscription {
    const [organizationId = '', userId = '', kind = '', until = '', signature = ''] = Buffer.from(token, 'base64url')
      .toString()
      .split('.');
    const known = NOTICE_KINDS.find((one) => one === kind);
    const genuine = this.secrets.verify(PURPOSE, [organizationId, userId, kind, until].join('.'), signature);
    if (!genuine || !known || !isId(organizationId) || !isId(userId) || Number(until) < Date.now())
      throw organizationErrors.unsubscribe_link_invalid();
    return { organizationId, userId, kind: known };
  }
}
