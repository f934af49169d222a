import { applyDecorators } from '@nestjs/common';
import { IsObject, IsString } from 'class-validator';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  type FieldOptions,
  IntegerField,
  JsonField,
  ListField,
  ObjectListField,
  SecretField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { MFA_METHODS, type MfaMethod } from '../../../settings/index.js';
import { AudienceField } from '../sessions/session.dto.js';
import type { Passkey } from '../passkeys/passkey.entity.js';
import type { CredentialJson } from '../passkeys/relying-party.js';

/** Accepts what `navigator.credentials` returned, as JSON. Verifying the credential checks its content. */
const CredentialField = (options: FieldOptions = {}) => applyDecorators(JsonField(options), IsObject());

const CodeField = (options: FieldOptions = {}) =>
  SecretField({
    ...options,
    min: 6,
    max: 20,
    description: 'The six-digit code of an authenticator app. Spaces and dashes do not matter.',
    example: '492039',
  });
const RecoveryCodeField = () =>
  SecretField({ optional: true, max: 40, description: 'One of the recovery codes.', example: 'x7k2m-9qd3f' });

export class ShowFactor {
  @CodeField({ optional: true })
  code?: string;

  @RecoveryCodeField()
  recoveryCode?: string;

  @CredentialField({
    optional: true,
    description: 'The response of the passkey to the requested options, as returned by `PublicKeyCredential.toJSON()`.',
  })
  credential?: CredentialJson;
}

export class CompleteMfa extends ShowFactor {
  @SecretField({ max: 200 })
  mfaToken: string;
}

export class EnrolDuringSignIn {
  @SecretField({ max: 200 })
  mfaToken: string;

  @EnumField(MFA_METHODS, { name: 'MfaMethod' })
  method: MfaMethod;
}

/** What an app or a browser needs to become a second factor. */
export class EnrolmentView {
  @EnumField(MFA_METHODS, { name: 'MfaMethod' })
  method: MfaMethod;

  @TextField({ optional: true, description: 'The secret in base32, to type into an app. Shown once.' })
  secret?: string;

  @TextField({ optional: true, max: 1000, description: '`otpauth://totp/…`' })
  uri?: string;

  @TextField({ optional: true, max: 20_000, description: 'The same as a QR code, a PNG in a `data:` URL.' })
  qrCode?: string;

  @JsonField({ optional: true, description: 'For `navigator.credentials.create`.' })
  options?: object;
}

export class MfaView {
  @BooleanField({ description: 'Whether the user has a second factor. If so, every sign-in asks for it.' })
  enrolled: boolean;

  @BooleanField({ description: 'An authenticator app.' })
  totp: boolean;

  @IntegerField({ min: 0, max: 100 })
  passkeys: number;

  @IntegerField({ min: 0, max: 10, description: 'Not used yet.' })
  recoveryCodesLeft: number;
}

export class ConfirmTotp {
  @CodeField()
  code: string;
}

export class RecoveryCodesView {
  @ListField(IsString({ each: true }), {
    description: 'Shown once. Each code works once. Earlier codes no longer work.',
  })
  recoveryCodes: string[];
}

export class ConfirmedTotpView {
  @ListField(IsString({ each: true }), {
    optional: true,
    description: 'Present with the first factor. Shown once. Each code works once.',
  })
  recoveryCodes?: string[];
}

export class StepUp extends ShowFactor {
  @SecretField({
    optional: true,
    description:
      'Without a second factor. In a session of single sign-on also after one was shown, to enter other organizations.',
  })
  password?: string;

  @SecretField({
    optional: true,
    max: 200,
    description: 'The code of a link that `POST …/auth/magic-link` mailed to the account. Where a password would do.',
  })
  mailedCode?: string;
}

export class StepUpView {
  @DateTimeField({ description: 'The time until which no further confirmation is asked for.' })
  freshUntil: string;
}

const NameField = (options: FieldOptions = {}) => TextField({ max: 100, example: 'Security key', ...options });

export class CreatePasskey {
  @CredentialField({ description: 'The result of `navigator.credentials.create`, as JSON.' })
  credential: CredentialJson;

  @NameField({ optional: true })
  name?: string;
}

export class RenamePasskey {
  @NameField()
  name: string;
}

export class PasskeyView {
  @UuidField()
  id: string;

  @NameField()
  name: string;

  @BooleanField({ description: 'Whether the passkey is synchronized between devices.' })
  synced: boolean;

  @DateTimeField()
  createdAt: string;

  @DateTimeField({ nullable: true })
  lastUsedAt: string | null;
}

export class CreatedPasskeyView extends PasskeyView {
  @ListField(IsString({ each: true }), {
    optional: true,
    description: 'Present with the first factor. Shown once. Each code works once.',
  })
  recoveryCodes?: string[];
}

export class PasskeysView {
  @ObjectListField(() => PasskeyView)
  items: PasskeyView[];
}

export class AskForPasskey {
  @SecretField({
    max: 200,
    optional: true,
    description: 'Uses the passkey as the second factor of this sign-in instead of as a sign-in of its own.',
  })
  mfaToken?: string;
}

export class SignInWithPasskey {
  @CredentialField({ description: 'The result of `navigator.credentials.get`, as JSON.' })
  credential: CredentialJson;

  @UuidField({ optional: true, description: 'The organization to enter.' })
  organizationId?: string;

  @AudienceField()
  audience?: string;
}

export const toPasskeyView = ({ id, name, synced, createdAt, lastUsedAt }: Passkey): PasskeyView => ({
  id,
  name,
  synced,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
