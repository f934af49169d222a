import { BooleanField, EmailField, EnumField, SecretField } from '../../../common/validation/index.js';

export class ForgotPassword {
  @EmailField()
  email: string;
}

export class ForgottenPasswordView {
  @EnumField(['mail_sent'], { description: 'The same whether or not the address has an account.' })
  status: 'mail_sent';
}

export class ResetPassword {
  @SecretField({ max: 200, description: 'The token from the link in the email.' })
  token: string;

  @SecretField({
    description: 'At least as long as the auth settings require: 15 characters by default.',
    example: 'correct horse battery staple',
  })
  password: string;

  @BooleanField({
    optional: true,
    default: false,
    description: 'Also removes the passkeys and the authenticator app that were added in the last seven days.',
  })
  removeRecentFactors?: boolean;
}

/** What the form of the page sends. */
export class ResetPasswordForm {
  @SecretField({ max: 200 })
  token: string;

  @SecretField()
  password: string;

  @EnumField(['keep', 'remove'], { optional: true })
  recentFactors?: 'keep' | 'remove';
}
