import { EmailField, EnumField, SecretField } from '../../../common/validation/index.js';

export class ForgotPassword {
  @EmailField()
  email: string;
}

export class ForgottenPasswordView {
  @EnumField(['mail_sent'], { description: 'The same whether the address has an account or not.' })
  status: 'mail_sent';
}

export class ResetPassword {
  @SecretField({ max: 200, description: 'From the link in the mail.' })
  token: string;

  @SecretField({
    description: 'At least as long as the auth settings require: 15 characters by default.',
    example: 'correct horse battery staple',
  })
  password: string;
}
