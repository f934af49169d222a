import {
  BooleanField,
  DateTimeField,
  IntegerField,
  SecretField,
  TextField,
  UrlField,
  UuidField,
} from '../../../common/validation/index.js';

export class StartDeviceLogin {
  @TextField({
    max: 60,
    example: 'trellis on build-7',
    description: 'The name of the program, which the user sees before letting it in.',
  })
  clientName: string;
}

export class StartedDeviceLoginView {
  @SecretField({ max: 200, description: 'For `POST …/auth/token` with the grant type `device_code`.' })
  deviceCode: string;

  @TextField({ example: 'WDJB-MJHT', description: 'The code that the user enters at `verificationUri`.' })
  userCode: string;

  @UrlField({ example: 'https://trellis.example.com/t/demo/device' })
  verificationUri: string;

  @UrlField({
    example: 'https://trellis.example.com/t/demo/device?code=WDJB-MJHT',
    description: 'The same with the code, for a link or a QR code.',
  })
  verificationUriComplete: string;

  @IntegerField({ min: 1, max: 3600, description: 'Seconds until the codes expire.' })
  expiresIn: number;

  @IntegerField({ min: 1, max: 60, description: 'Seconds to wait between two polls.' })
  interval: number;
}

/** What the user sees of a program that waits. The program names itself, so the name proves nothing. */
export class DeviceLoginView {
  @TextField({ example: 'WDJB-MJHT' })
  userCode: string;

  @TextField()
  clientName: string;

  @TextField({ nullable: true })
  ip: string | null;

  @TextField({ nullable: true, description: 'Browser and system from the user agent. Null if it names neither.' })
  device: string | null;

  @BooleanField({ description: 'Whether the program is in the network that this request comes from.' })
  sameNetwork: boolean;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  expiresAt: string;
}

export class ApproveDeviceLogin {
  @UuidField({ optional: true, description: 'The organization that the program enters.' })
  organizationId?: string;
}
