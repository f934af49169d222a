import type { MembershipView } from '@trellis/client';
import { isRefusal } from '../api/problem';
import { type SignedIn, signInCall, take } from '../api/session';

export type Factor = 'totp' | 'passkey' | 'recovery_code';
export type EnrollableFactor = 'totp' | 'passkey';

/** The sign-in needs a second factor: one of `methods`, or a new one of `enrolment` if the user has none that counts. */
export interface FactorStep {
  name: 'factor';
  mfaToken: string;
  methods: Factor[];
  enrolment: EnrollableFactor[];
}

/** The user belongs to several organizations and has to choose one. */
export interface ChoiceStep {
  name: 'choice';
  selectionToken: string;
  organizations: MembershipView[];
}

interface Done {
  name: 'done';
  signedIn: SignedIn;
}

/** What a step of a sign-in leads to. The codes of a factor that was enrolled come with any of them. */
export type Outcome = (FactorStep | ChoiceStep | Done) & { recoveryCodes?: string[] | undefined };

interface MfaRequired extends Omit<FactorStep, 'name'> {
  mfaRequired: true;
}

type Choice = Omit<ChoiceStep, 'name'> & { recoveryCodes?: string[] };

let signedInAt = 0;
const JUST_NOW_MS = 60_000;

/** Tells whether the user went through the sign-in on this page a moment ago. */
export const signedInJustNow = (): boolean => Date.now() - signedInAt < JUST_NOW_MS;

/** Calls an operation that signs in, and takes over the session if it was the last step. */
export async function signInStep(path: string, body: object): Promise<Outcome> {
  try {
    const answer = await signInCall<SignedIn | MfaRequired>(path, body);
    if ('mfaRequired' in answer) {
      const { mfaToken, methods, enrolment } = answer;
      return { name: 'factor', mfaToken, methods, enrolment };
    }
    take(answer);
    signedInAt = Date.now();
    return { name: 'done', signedIn: answer, recoveryCodes: answer.recoveryCodes };
  } catch (error) {
    if (!isRefusal(error, 'auth.organization_selection_required')) throw error;
    const { selectionToken, organizations, recoveryCodes } = error.problem as unknown as Choice;
    return { name: 'choice', selectionToken, organizations, recoveryCodes };
  }
}

/** Returns the slug of the organization that a path of the console is about. */
const slugIn = (to: string | undefined): string | undefined => /^\/o\/([^/?#]+)/.exec(to ?? '')?.[1];

/** Enters the organization of the address that the user wants to get to, if it is one of those to choose from. */
export async function chooseByAddress(outcome: Outcome, to: string | undefined): Promise<Outcome> {
  if (outcome.name !== 'choice') return outcome;
  const { selectionToken, organizations, recoveryCodes } = outcome;
  const wanted = organizations.find(({ slug }) => slug === slugIn(to));
  if (!wanted) return outcome;
  return { ...(await signInStep('select-organization', { selectionToken, organizationId: wanted.id })), recoveryCodes };
}
