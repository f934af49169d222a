import type { PageInput } from '../../../pages/index.js';

/** The input of a form for a password that the user chooses. */
export const newPasswordInput = (label: string, minLength: number): PageInput => ({
  name: 'password',
  label: `${label}, at least ${minLength} characters`,
  type: 'password',
  maxLength: 128,
  autoComplete: 'new-password',
});

/** The refusals of a new password, at its input. */
export const PASSWORD_REFUSALS = {
  'auth.password_too_short': 'password',
  'auth.password_too_weak': 'password',
  'auth.password_too_common': 'password',
} as const;
