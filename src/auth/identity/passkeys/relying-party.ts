import { Injectable } from '@nestjs/common';
import type { AuthenticationResponseJSON, RegistrationResponseJSON, WebAuthnCredential } from '@simplewebauthn/server';
import { Config } from '../../../common/config/index.js';

/** How long a browser may take, and how long a challenge is valid. */
export const CEREMONY_SECONDS = 5 * 60;

/** The browser's response, unchecked until it is verified. */
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

/** Loaded when used, because it takes a tenth of a start. */
const webAuthn = () => import('@simplewebauthn/server');

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'));

/** Returns the challenge that a browser answered, or null if it cannot be read. */
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

/** Returns the user handle that authenticators store. */
const handleOf = (userId: string): Buffer => Buffer.from(userId.replaceAll('-', ''), 'hex');

/** Tells whether the response names this user, or no user at all, as non-discoverable keys do. */
export function isHandleOf({ response }: CredentialJson, userId: string): boolean {
  const { userHandle } = (typeof response === 'object' && response ? response : {}) as { userHandle?: unknown };
  if (userHandle === undefined || userHandle === null || userHandle === '') return true;
  return typeof userHandle === 'string' && Buffer.from(userHandle, 'base64url').equals(handleOf(userId));
}

/**
 * Implements WebAuthn for the deployment. The host of BASE_URL is the relying party id. Challenges are one-time tokens,
 * so each can be answered once on any server.
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

  async creationOptions(
    challenge: string,
    name: string,
    user: { id: string; email: string; name: string },
    known: readonly { credentialId: string; transports: string[] }[],
  ) {
    const { generateRegistrationOptions } = await webAuthn();
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

  /**
   * `known` restricts the request to one user's passkeys, as a second factor. Without it, the browser offers any
   * passkey to sign in.
   */
  async requestOptions(challenge: string, known?: readonly { credentialId: string; transports: string[] }[]) {
    const { generateAuthenticationOptions } = await webAuthn();
    return generateAuthenticationOptions({
      rpID: this.id,
      challenge: bytes(challenge),
      timeout: CEREMONY_SECONDS * 1000,
      userVerification: known ? 'preferred' : 'required',
      ...(known && { allowCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })) }),
    });
  }

  /** Returns null if the passkey was not created for this challenge and origin. */
  async verifyCreation(credential: CredentialJson, challenge: string): Promise<VerifiedPasskey | null> {
    const { verifyRegistrationResponse } = await webAuthn();
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

  /** Returns the authenticator's new counter, or null if the signature is invalid or the counter is outdated. */
  async verifyAnswer(
    credential: CredentialJson,
    challenge: string,
    { credentialId: id, publicKey, counter }: KnownPasskey,
    requireUserVerification: boolean,
  ): Promise<number | null> {
    const known: WebAuthnCredential = { id, publicKey: new Uint8Array(publicKey), counter };
    const { verifyAuthenticationResponse } = await webAuthn();
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
