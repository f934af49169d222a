import { IntegerField, TextField, UuidField } from '../../../common/validation/index.js';

export class SsoCodeView {
  @TextField({ description: 'For `POST …/auth/sso/token`, once, within two minutes.' })
  code: string;

  @IntegerField({ min: 1, max: 600, description: 'Seconds.' })
  expiresIn: number;

  @UuidField()
  organizationId: string;
}
