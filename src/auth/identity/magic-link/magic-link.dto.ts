import { EmailField, EnumField, SecretField, UuidField } from '../../../common/validation/index.js';
import { AudienceField } from '../sessions/session.dto.js';

export class AskForMagicLink {
  @EmailField()
  email: string;

  @UuidField({
    optional: true,
    description: 'The organization to enter, if the account can; otherwise the link leads where a sign-in leads.',
  })
  organizationId?: string;

  @AudienceField()
  audience?: string;
}

export class MagicLinkMailView {
  @EnumField(['mail_sent'], { description: 'The same whether the address has an account or not.' })
  status: 'mail_sent';
}

export class RedeemMagicLink {
  @SecretField({ max: 200, description: 'From the link in the mail.' })
  token: string;

  @UuidField({ optional: true, description: 'The organization to enter, instead of the one the link was asked for.' })
  organizationId?: string;

  @AudienceField({ description: 'Whom the access token is to be for, instead of what the link was asked for.' })
  audience?: string;
}

/** What the button of the page sends. */
export class EndMagicLink {
  @SecretField({ max: 200 })
  token: string;
}
