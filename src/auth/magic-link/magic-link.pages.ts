import { Injectable } from '@nestjs/common';
import type { Origin } from '../../common/access/index.js';
import { AppError } from '../../common/errors/index.js';
import { Operators } from '../../operators/index.js';
import { operatorOf } from '../operator-of.js';
import type { Page } from '../../pages/index.js';
import { MagicLinks } from './magic-link.service.js';

/** Where the link in the mail leads, below BASE_URL. */
export const MAGIC_LINK_PATH = 't/:operator/magic-link';

const DEAD_LINK = {
  title: 'This link is not valid any more',
  text: 'It was used already, or it is older than ten minutes, or a part of it is missing. Ask for a new one where you sign in.',
};

/**
 * A browser that comes from a mail has nowhere to keep a session as long as there is no console: so the page hands the
 * token on to the app that asked for it, and lets whoever did not ask put an end to it. It signs nobody in.
 */
@Injectable()
export class MagicLinkPages {
  constructor(
    private readonly operators: Operators,
    private readonly links: MagicLinks,
  ) {}

  /** Throws operators.not_found. */
  async show(operatorSlug: string, token: string): Promise<Page> {
    const { id, name } = await operatorOf(this.operators, operatorSlug);
    return orDead(name, async () => {
      const { email } = await this.links.look(id, token);
      return {
        status: 200,
        title: 'Finish signing in',
        text: `This signs in ${email}. Go back to the app you are signing in to, and enter this code there: ${token} – it works once. Give it to nobody who asks you for it: whoever has it can sign in as you.`,
        form: { action: 'magic-link', fields: { token }, button: 'I did not ask for this: end the link' },
      };
    });
  }

  /** Throws operators.not_found, auth.too_many_attempts. */
  async end(operatorSlug: string, token: string, origin: Origin): Promise<Page> {
    const { name } = await operatorOf(this.operators, operatorSlug);
    return orDead(name, async () => {
      await this.links.end(operatorSlug, token, origin);
      return { status: 200, title: 'The link has ended', text: 'Nobody can sign in with it. You can close this page.' };
    });
  }
}

async function orDead(from: string, work: () => Promise<Page>): Promise<Page> {
  try {
    return { from, ...(await work()) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'auth.invalid_one_time_token') throw error;
    return { from, status: error.status, ...DEAD_LINK };
  }
}
