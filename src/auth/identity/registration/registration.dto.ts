import { BooleanField, EmailField, EnumField, SecretField, TextField } from '../../../common/validation/index.js';

export class Register {
  @EmailField()
  email: string;

  @TextField({ max: 120, example: 'Ada Lovelace' })
  name: string;

  @SecretField({
    optional: true,
    deprecated: true,
    description: 'Accepted from older clients and ignored. The password is chosen with the mailed link.',
  })
  password?: string;
}

export class RegistrationView {
  @EnumField(['verification_sent'], { description: 'The same whether or not the address has an account.' })
  status: 'verification_sent';
}

export class VerifyEmail {
  @SecretField({ max: 200, description: 'From the link in the mail.' })
  token: string;

  @SecretField({
    description: 'At least as long as the auth settings require: 15 characters by default.',
    example: 'correct horse battery staple',
  })
  password: string;
}

export class VerifiedEmailView {
  @EmailField()
  email: string;

  @BooleanField()
  verified: boolean;
}
