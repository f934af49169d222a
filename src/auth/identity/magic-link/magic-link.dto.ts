import { BooleanField, EmailField, EnumField, SecretField, UuidField } from '../../../common/validation/index.js';
import { AudienceField } from '../sessions/session.dto.js';

export class AskForMagicLink {
  @EmailField()
  email: string;

  @UuidField({
    optional: true,
    description:
      'The organization to enter, if the account can. Otherwise the link signs in as a sign-in without an organization does.',
  })
  organizationId?: string;

  @AudienceField()
  audience?: string;
}

export class MagicLinkMailView {
  @EnumField(['mail_sent'], { description: 'The same whether or not the address has an account.' })
  status: 'mail_sent';
}

export class RedeemMagicLink {
  @SecretField({ max: 200, description: 'The token from the link in the email.' })
  token: string;

  @UuidField({
    optional: true,
    description: 'The organization to enter instead of the one the link was requested for.',
  })
  organizationId?: string;

  @BooleanField({
    optional: true,
    description:
      'Refuses with 403 `auth.browser_mismatch` unless the link was requested in this browser with `Trellis-Session: cookie`. The link can still be used then.',
  })
  sameBrowser?: boolean;

  @AudienceField({ description: 'The audience of the access token, instead of the one the link was requested for.' })
  audience?: string;
}

export class EndMagicLink {
  @SecretField({ max: 200 })
  token: string;
}
