import { mailedLinkController } from '../../../pages/index.js';
import { SIGN_IN_CODE_HINT } from '../sign-in/sign-in-code.js';
import { EndMagicLink } from './magic-link.dto.js';
import { MagicLinkService } from './magic-link.service.js';

/**
 * Leads on to the console in the browser that requested the link, which signs in there. Elsewhere it shows the token as a
 * code for the app in which the user is signing in. Its second button ends a link that the user did not request.
 */
export const MagicLinkPageController = mailedLinkController({
  path: 'magic-link',
  form: EndMagicLink,
  service: MagicLinkService,
  refusals: {
    'auth.invalid_one_time_token': {
      title: 'This link is no longer valid',
      text: 'It was already used, it is older than ten minutes, or part of it is missing. Request a new one where you sign in.',
    },
  },

  async show(links, { id }, token, cookies) {
    const {
      user: { email },
      sameBrowser,
    } = await links.look(id, token, cookies);
    return {
      title: 'Finish signing in',
      text: sameBrowser ? `This signs in ${email}.` : `This signs in ${email}. ${SIGN_IN_CODE_HINT}`,
      ...(!sameBrowser && { facts: [['Code', token]] }),
      signIn: { email, code: token, button: sameBrowser },
      form: {
        action: 'magic-link',
        hidden: { token },
        buttons: [{ label: 'I did not request this: end the link', secondary: true }],
      },
    };
  },

  async submit(links, { operator, token, origin }) {
    await links.end(operator.slug, token, origin);
    return { title: 'The link has ended', text: 'It can no longer be used to sign in.', next: {} };
  },
});
