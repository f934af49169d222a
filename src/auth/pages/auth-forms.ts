import { Injectable } from '@nestjs/common';
import { FormBody } from '../../pages/index.js';
import { CONFIRM_EMAIL_PATH } from '../email-change/confirm-email.pages.js';
import { INVITATION_PATH } from '../invitations/invitation.pages.js';
import { MAGIC_LINK_PATH } from '../magic-link/magic-link.pages.js';
import { RESET_PASSWORD_PATH } from '../password-reset/password-reset.pages.js';
import { VERIFY_EMAIL_PATH } from './verify-email.pages.js';

/** The pages here that have a form. */
@Injectable()
export class AuthForms {
  constructor(forms: FormBody) {
    forms.takeFrom(INVITATION_PATH, VERIFY_EMAIL_PATH, RESET_PASSWORD_PATH, MAGIC_LINK_PATH, CONFIRM_EMAIL_PATH);
  }
}
