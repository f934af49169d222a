import { Injectable } from '@nestjs/common';
import { AppError } from '../../../common/errors/index.js';
import { Database, type Reader } from '../../../database/index.js';
import { authErrors } from '../auth.errors.js';
import { hasOwnProof, isOwn } from '../proof.js';
import { factorsOf, hasAny } from './enrolled-factors.js';
import { type SessionProof, StepUpStore } from './step-up.store.js';

/** Seconds for which a proof counts as fresh. */
export const FRESH_SECONDS = 10 * 60;

interface Bearer {
  userId: string;
  sessionId: string;
}

const isFresh = (ageSeconds: number | null): boolean => ageSeconds !== null && ageSeconds < FRESH_SECONDS;

/**
 * Requires a fresh proof for actions that a stranger at the user's device must not perform. A proof is a factor shown to
 * this server or, without any factor, the password or a link mailed to the account. In an organization, a fresh sign-in at
 * its identity provider counts too, and nowhere else.
 */
@Injectable()
export class StepUpPolicy {
  constructor(
    private readonly db: Database,
    private readonly store: StepUpStore,
  ) {}

  /** `organizationId`: the organization that the action is about, null for the user's own account and the operator. */
  async assertFresh(bearer: Bearer, organizationId: string | null): Promise<void> {
    const { reader } = this.db;
    const session = await this.store.proofOf(reader, bearer.sessionId);
    if (session) {
      const enrolled = await this.store.enrolled(reader, bearer.userId);
      const own = hasOwnProof(session) && (!hasAny(enrolled) || session.factors.some(isOwn));
      if (own && isFresh(session.ageSeconds)) return;
      if (isOfProvider(session, organizationId) && isFresh(session.ssoAgeSeconds)) return;
    }
    const methods = await this.ownMethods(reader, bearer.userId, session);
    throw session && isOfProvider(session, organizationId)
      ? stepUpRequired(['sso', ...methods], session.connectionId)
      : stepUpRequired(methods);
  }

  /** Returns the error, with the methods that would do if it is a step-up that the decision on access asks for. */
  async withMethods(error: unknown, bearer: Bearer, reader: Reader = this.db.reader): Promise<unknown> {
    const asks = error instanceof AppError && error.code === 'auth.step_up_required' && !error.options.data;
    if (!asks) return error;
    const session = await this.store.proofOf(reader, bearer.sessionId);
    return stepUpRequired(await this.ownMethods(reader, bearer.userId, session, lacksMethod(session)));
  }

  /** Lists what the user can show to this server: a factor if they have one, otherwise the password or a mailed link. */
  async ownMethods(
    reader: Reader,
    userId: string,
    session: SessionProof | null,
    factorShown = false,
  ): Promise<string[]> {
    const enrolled = await this.store.enrolled(reader, userId);
    if (hasAny(enrolled) && !factorShown) return factorsOf(enrolled);
    return [
      ...((await this.store.hasPassword(reader, userId)) ? ['password'] : []),
      ...((await this.mailProves(reader, userId, session)) ? ['magic_link'] : []),
    ];
  }

  /**
   * Tells whether a link mailed to the account proves anything in this session: an organization that proved the domain of
   * the address can read its mail, so its identity provider and the mail are the same word twice.
   */
  async mailProves(reader: Reader, userId: string, session: SessionProof | null): Promise<boolean> {
    const vouching = session?.ssoOrganizationId ?? null;
    return vouching === null || hasOwnProof(session as SessionProof) || this.store.mayUseMail(reader, userId, vouching);
  }
}

/**
 * Tells whether a factor was shown in a session of an identity provider, and nothing beside it. Other organizations want
 * the method that goes with it.
 */
export const lacksMethod = (session: SessionProof | null): boolean =>
  session !== null && session.ssoOrganizationId !== null && session.ownMethod === null && session.factors.some(isOwn);

export const stepUpRequired = (methods: readonly string[], connectionId?: string | null): AppError =>
  authErrors.step_up_required({
    data: { methods, maxAgeSeconds: FRESH_SECONDS, ...(connectionId && { connectionId }) },
  });

const isOfProvider = ({ ssoOrganizationId }: SessionProof, organizationId: string | null): boolean =>
  organizationId !== null && ssoOrganizationId === organizationId;
