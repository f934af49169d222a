import { Injectable } from '@nestjs/common';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import { Config } from '../../../common/config/index.js';

/** How long a browser may take, and with it a challenge. */
export const CEREMONY_SECONDS = 5 * 60;

/** What a browser answers; whether it is one is found out by verifying it. */
export type CredentialJson = Record<string, unknown>;

export interface VerifiedPasskey {
  credentialId: string;
  publicKey: Uint8Array;
  counter: number;
  transports: string[];
  synced: boolean;
}

interface KnownPasskey {
  credentialId: string;
  publicKey: Uint8Array;
  counter: number;
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'));

/** The challenge a browser answered, as it was given out; null when there is none to be read. */
export function challengeOf({ response }: CredentialJson): string | null {
  const { clientDataJSON } = (typeof response === 'object' && response ? response : {}) as { clientDataJSON?: unknown };
  if (typeof clientDataJSON !== 'string') return null;
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8')) as {
      challenge?: unknown;
    };
    return typeof challenge === 'string' ? Buffer.from(challenge, 'base64url').toString('utf8') : null;
  } catch {
    return null;
  }
}

/** What authenticators know a person by. */
const handleOf = (userId: string): Buffer => Buffer.from(userId.replaceAll('-', ''), 'hex');

/** Whether a browser's answer names this person, or nobody, as those of keys that were not made to be found do. */
export function isHandleOf({ response }: CredentialJson, userId: string): boolean {
  const { userHandle } = (typeof response === 'object' && response ? response : {}) as { userHandle?: unknown };
  if (userHandle === undefined || userHandle === null || userHandle === '') return true;
  return typeof userHandle === 'string' && Buffer.from(userHandle, 'base64url').equals(handleOf(userId));
}

/**
 * WebAuthn for the deployment: BASE_URL is where browsers are, its host is who passkeys are for. A challenge is a one-time
 * token in other clothes, so that each is answered once, whichever server asked.
 */
@Injectable()
export class RelyingParty {
  private readonly origin: string;
  private readonly id: string;

  constructor(config: Config) {
    const { origin, hostname } = new URL(config.baseUrl);
    this.origin = origin;
    this.id = hostname;
  }

  creationOptions(
    challenge: string,
    name: string,
    user: { id: string; email: string; name: string },
    known: readonly { credentialId: string; transports: string[] }[],
  ) {
    return generateRegistrationOptions({
      rpName: name,
      rpID: this.id,
      userID: new Uint8Array(handleOf(user.id)),
      userName: user.email,
      userDisplayName: user.name,
      challenge: bytes(challenge),
      timeout: CEREMONY_SECONDS * 1000,
      attestationType: 'none',
      excludeCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    });
  }

  /** `known`: those of one person, as second factor; without it the browser offers what it has, to sign in. */
  requestOptions(challenge: string, known?: readonly { credentialId: string; transports: string[] }[]) {
    return generateAuthenticationOptions({
      rpID: this.id,
      challenge: bytes(challenge),
      timeout: CEREMONY_SECONDS * 1000,
      userVerification: known ? 'preferred' : 'required',
      ...(known && { allowCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })) }),
    });
  }

  /** Null when it is not a passkey that was made for this challenge, here. */
  async verifyCreation(credential: CredentialJson, challenge: string): Promise<VerifiedPasskey | null> {
    const result = await verifyRegistrationResponse({
      response: credential as unknown as RegistrationResponseJSON,
      ...this.expected(challenge),
      requireUserVerification: false,
    }).catch(() => null);
    if (!result?.verified) return null;
    const { credential: made, credentialDeviceType } = result.registrationInfo;
    return {
      credentialId: made.id,
      publicKey: made.publicKey,
      counter: made.counter,
      transports: (made.transports ?? []).filter((one) => typeof one === 'string').slice(0, 10),
      synced: credentialDeviceType === 'multiDevice',
    };
  }

  /** The authenticator's new count; null when this is not the passkey's answer to the challenge, or an old one. */
  async verifyAnswer(
    credential: CredentialJson,
    challenge: string,
    { credentialId: id, publicKey, counter }: KnownPasskey,
    requireUserVerification: boolean,
  ): Promise<number | null> {
    const known: WebAuthnCredential = { id, publicKey: new Uint8Array(publicKey), counter };
    const result = await verifyAuthenticationResponse({
      response: credential as unknown as AuthenticationResponseJSON,
      ...this.expected(challenge),
      credential: known,
      requireUserVerification,
    }).catch(() => null);
    return result?.verified ? result.authenticationInfo.newCounter : null;
  }

  private expected(challenge: string) {
    return {
      expectedChallenge: Buffer.from(challenge, 'utf8').toString('base64url'),
      expectedOrigin: this.origin,
      expectedRPID: this.id,
    };
  }
}
