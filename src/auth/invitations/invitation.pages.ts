import { Injectable } from '@nestjs/common';
import type { Origin } from '../../common/access/index.js';
import { AppError, commonErrors } from '../../common/errors/index.js';
import { ValidationPipe } from '../../http/index.js';
import { Operators } from '../../operators/index.js';
import { operatorOf } from '../operator-of.js';
import { type Page, pageLook } from '../../pages/index.js';
import { InvitationAcceptance } from './invitation-acceptance.service.js';
import { AcceptInvitation } from './invitation.dto.js';
import type { InvitationForm } from './invitation-form.js';

/** Where the link in the mail leads, below BASE_URL. */
export const INVITATION_PATH = 't/:operator/invitations/:token';

/** Posted to the page's own address; the button says which answer it is. No text of anybody stands in here. */
const NEW_ACCOUNT_FORM = `<form method="post">
<p><label>Your name<br><input name="name" maxlength="120" autocomplete="name" required></label></p>
<p><label>A password, at least 15 characters<br><input name="password" type="password" maxlength="128" autocomplete="new-password" required></label></p>
<button type="submit" name="answer" value="accept">Accept</button>
<button type="submit" name="answer" value="decline" class="other" formnovalidate>Decline</button>
</form>
`;
const EXISTING_ACCOUNT_FORM = `<form method="post">
<p><label>Your password<br><input name="password" type="password" maxlength="128" autocomplete="current-password" required></label></p>
<button type="submit" name="answer" value="accept">Accept</button>
<button type="submit" name="answer" value="decline" class="other" formnovalidate>Decline</button>
</form>
`;

/** What the person can put right on the same page. */
const CORRECTABLE = new Set([
  'validation_failed',
  'auth.password_too_short',
  'auth.password_too_weak',
  'auth.password_too_common',
  'auth.invalid_credentials',
]);

const pipe = new ValidationPipe();

/** Throws validation_failed. */
const accountOf = ({ name, password }: InvitationForm): AcceptInvitation =>
  pipe.transform({ name, password }, { type: 'body', metatype: AcceptInvitation }) as AcceptInvitation;

@Injectable()
export class InvitationPages {
  constructor(
    private readonly operators: Operators,
    private readonly acceptance: InvitationAcceptance,
  ) {}

  /** Throws operators.not_found, invitations.not_found, .accepted, .declined, .revoked, .expired, organizations.suspended. */
  async show(operatorSlug: string, token: string, problem?: AppError): Promise<Page> {
    const { name: from } = await operatorOf(this.operators, operatorSlug);
    const { organization, email, role, accountExists, branding } = await this.acceptance.look(operatorSlug, token);
    const hint = accountExists
      ? 'You have an account with this address: accept with its password.'
      : 'Choose a password to accept.';
    return {
      from,
      look: pageLook(branding),
      status: problem?.status ?? 200,
      title: problem?.detail ?? `You are invited to ${organization.name}`,
      text: `${organization.name} invites ${email} with the role “${role}”. ${hint}`,
      ownForm: accountExists ? EXISTING_ACCOUNT_FORM : NEW_ACCOUNT_FORM,
    };
  }

  /** Throws as `show`, auth.account_blocked, auth.too_many_attempts, invitations.inviter_lost_right, validation_failed. */
  async submit(operatorSlug: string, token: string, form: InvitationForm, origin: Origin): Promise<Page> {
    if (form.answer === 'decline') return this.decline(operatorSlug, token, origin);
    if (form.answer !== 'accept') throw commonErrors.validation_failed();
    try {
      return await this.accept(operatorSlug, token, form, origin);
    } catch (error) {
      if (!(error instanceof AppError) || !CORRECTABLE.has(error.code)) throw error;
      return this.show(operatorSlug, token, error);
    }
  }

  private async accept(operatorSlug: string, token: string, form: InvitationForm, origin: Origin): Promise<Page> {
    const { name: from } = await operatorOf(this.operators, operatorSlug);
    const account = accountOf(form);
    const { organization, email, branding } = await this.acceptance.look(operatorSlug, token);
    await this.acceptance.acceptOnPage(operatorSlug, token, account, origin);
    const title = `You are a member of ${organization.name}`;
    const text = `You can sign in as ${email} now, and close this page.`;
    return { from, look: pageLook(branding), status: 200, title, text };
  }

  private async decline(operatorSlug: string, token: string, origin: Origin): Promise<Page> {
    const { name: from } = await operatorOf(this.operators, operatorSlug);
    await this.acceptance.decline(operatorSlug, token, origin);
    const text = 'Nobody will write to you about it again. You can close this page.';
    return { from, status: 200, title: 'You declined the invitation', text };
  }
}
