import { EmailField, SecretField, TextField } from '../common/validation/index.js';

export class BlockUser {
  @TextField({ max: 500, description: 'Why. Only the audit log shows it.', example: 'The account was taken over.' })
  reason: string;
}

export class ConfirmErasure {
  @EmailField({ description: 'The exact address of the account, as confirmation.' })
  confirmEmail: string;
}

export class ChangePassword {
  @SecretField()
  currentPassword: string;

  @SecretField({
    description: 'At least as long as the auth settings require: 15 characters by default.',
    example: 'correct horse battery staple',
  })
  newPassword: string;
}
