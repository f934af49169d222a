import { IntegerField, TextField } from '../../../common/validation/index.js';

export class IntentView {
  @TextField({
    max: 2000,
    description:
      'Open this URL in a browser. It works once. Its query accepts `returnTo` and `codeChallenge`, as the start of any sign-in does.',
  })
  startUrl: string;

  @IntegerField({ min: 1, max: 600, description: 'Seconds.' })
  expiresIn: number;
}
