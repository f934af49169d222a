import { IntegerField, TextField } from '../../../common/validation/index.js';

export class IntentView {
  @TextField({
    max: 2000,
    description:
      'To be opened in a browser, once. Takes `returnTo` and `codeChallenge` in its query as the start of any sign-in does.',
  })
  startUrl: string;

  @IntegerField({ min: 1, max: 600, description: 'Seconds.' })
  expiresIn: number;
}
