import { Refused } from '../api/problem';

/** The answer of the browser, for the server. */
export type Credential = Record<string, unknown>;

/** Loaded when a passkey is used for the first time. */
const webAuthn = () => import('@simplewebauthn/browser');

export const hasPasskeys = (): boolean => 'PublicKeyCredential' in window;

const NAMES_OF_CANCELING = ['NotAllowedError', 'AbortError'];

/** Turns errors of the browser into refusals. The user who closes the dialog of the browser sees a hint, not a failure. */
function refusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = NAMES_OF_CANCELING.includes(error.name)
    ? 'passkey_canceled'
    : error.name === 'InvalidStateError'
      ? 'auth.passkey_known'
      : 'passkey_failed';
  return new Refused({ status: 0, code, detail: error.message });
}

/** Shows a passkey. Returns the credential for the server. */
export async function showPasskey(options: object, { autofill = false } = {}): Promise<Credential> {
  const { startAuthentication } = await webAuthn();
  try {
    const answer = await startAuthentication({ optionsJSON: options as never, useBrowserAutofill: autofill });
    return answer as unknown as Credential;
  } catch (error) {
    throw refusal(error);
  }
}

/** Creates a passkey on this device or on a security key. */
export async function createPasskey(options: object): Promise<Credential> {
  const { startRegistration } = await webAuthn();
  try {
    return (await startRegistration({ optionsJSON: options as never })) as unknown as Credential;
  } catch (error) {
    throw refusal(error);
  }
}

export async function offersAutofill(): Promise<boolean> {
  return hasPasskeys() && (await (await webAuthn()).browserSupportsWebAuthnAutofill());
}

/** Ends a request that waits in the autofill of a field. */
export async function cancelAutofill(): Promise<void> {
  (await webAuthn()).WebAuthnAbortService.cancelCeremony();
}
