import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { hashSecret, newSecret, SecretBox } from '../../../common/crypto/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { clientNetwork, RateLimitService } from '../../../limits/index.js';
import { OperatorService } from '../../../operators/index.js';
import { authErrors, operatorOf } from '../../access/index.js';
import { deviceName } from '../sessions/device-name.js';
import type { TokenView } from '../sessions/session.dto.js';
import { type Device, SessionService } from '../sessions/session.service.js';
import type {
  ApproveDeviceLogin,
  DeviceLoginView,
  StartDeviceLogin,
  StartedDeviceLoginView,
} from './device-login.dto.js';
import type { DeviceLogin } from './device-login.entity.js';
import { DeviceLoginStore, type PolledDeviceLogin } from './device-login.store.js';
import { newUserCode, normalizeUserCode } from './user-code.js';

const CODE_SECONDS = 10 * 60;
const POLL_SECONDS = 5;
const USER_CODE = 'device-user-code';
const MAX_TRIES = 5;

/** Signs in programs on machines without a browser: a user approves them elsewhere (RFC 8628). */
@Injectable()
export class DeviceLoginService {
  constructor(
    private readonly db: Database,
    private readonly store: DeviceLoginStore,
    private readonly operators: OperatorService,
    private readonly sessions: SessionService,
    private readonly events: EventService,
    private readonly rateLimits: RateLimitService,
    private readonly secrets: SecretBox,
    private readonly config: Config,
  ) {}

  async start(
    operatorSlug: string,
    { clientName }: StartDeviceLogin,
    { ip, userAgent }: Device,
  ): Promise<StartedDeviceLoginView> {
    await this.rateLimits.consume('device_logins', clientNetwork(ip));
    const operator = await operatorOf(this.operators, operatorSlug);
    const deviceCode = newSecret('trd_');
    const login = { deviceCodeHash: hashSecret(deviceCode), operatorId: operator.id, clientName, ip, userAgent };
    const userCode = await this.db.transaction((tx) => this.insert(tx, login));
    const verificationUri = `${this.config.baseUrl}/t/${operator.slug}/device`;
    return {
      deviceCode,
      userCode,
      verificationUri,
      verificationUriComplete: `${verificationUri}?code=${userCode}`,
      expiresIn: CODE_SECONDS,
      interval: POLL_SECONDS,
    };
  }

  async view(access: PersonAccess, text: string): Promise<DeviceLoginView> {
    const { userCode, login } = await this.guess(access, text, (hash) =>
      this.store.findPending(this.db.reader, access.homeOperatorId, hash),
    );
    return {
      userCode,
      clientName: login.clientName,
      ip: login.ip,
      device: deviceName(login.userAgent),
      sameNetwork: clientNetwork(login.ip) === clientNetwork(access.actor.origin.ip),
      createdAt: login.createdAt.toISOString(),
      expiresAt: login.expiresAt.toISOString(),
    };
  }

  approve(access: PersonAccess, text: string, { organizationId }: ApproveDeviceLogin): Promise<void> {
    return this.decide(access, text, 'approved', organizationId ?? null);
  }

  deny(access: PersonAccess, text: string): Promise<void> {
    return this.decide(access, text, 'denied', null);
  }

  /** Returns tokens once the login is approved, once. Until then the refusal says what to do. */
  async redeem(operatorSlug: string, deviceCode: string, device: Device): Promise<TokenView> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const hash = hashSecret(deviceCode);
    // Committed before a refusal, so that polls are counted.
    const polled = await this.db.transaction((tx) => this.store.poll(tx, operator.id, hash));
    assertApproved(polled);
    const { userId, sessionId, destinationId: organizationId } = polled;
    const grant = { userId: userId ?? '', sessionId: sessionId ?? '', organizationId, by: 'device' as const };
    const view = await this.db.transaction(async (tx) => {
      if (!(await this.store.use(tx, hash))) throw authErrors.invalid_one_time_token();
      return this.sessions.startFor(tx, operator, grant, device);
    });
    if (!view) throw authErrors.access_denied(refusedWith('access_denied'));
    return view;
  }

  private async insert(tx: Tx, login: Omit<Parameters<DeviceLoginStore['insert']>[1], 'userCodeHash' | 'seconds'>) {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const userCode = newUserCode();
      const userCodeHash = this.hashOf(login.operatorId, userCode);
      if (await this.store.insert(tx, { ...login, userCodeHash, seconds: CODE_SECONDS })) return userCode;
    }
    throw new Error('no free user code was found');
  }

  private async decide(
    access: PersonAccess,
    text: string,
    state: 'approved' | 'denied',
    organizationId: string | null,
  ): Promise<void> {
    const { actor, homeOperatorId } = access;
    const { userId, sessionId } = actor;
    await this.guess(access, text, (hash) =>
      this.db.transaction(async (tx) => {
        const to = { state, userId, sessionId, destinationId: organizationId };
        const login = await this.store.decide(tx, homeOperatorId, hash, to);
        if (!login) return null;
        await this.events.record(
          tx,
          { kind: 'operator', id: homeOperatorId },
          {
            type: `device_login.${state}`,
            actor,
            subject: { type: 'user', id: userId },
            after: { clientName: login.clientName, ip: login.ip, ...(organizationId && { organizationId }) },
          },
        );
        return login;
      }),
    );
  }

  /** Looks for a code that the user typed. Wrong ones are counted per user and per network before they are checked. */
  private async guess(
    { actor, homeOperatorId }: PersonAccess,
    text: string,
    look: (userCodeHash: string) => Promise<DeviceLogin | null>,
  ): Promise<{ userCode: string; login: DeviceLogin }> {
    const subjects = [['user', actor.userId] as const, ['network', clientNetwork(actor.origin.ip)] as const];
    for (const subject of subjects) await this.rateLimits.consume('device_code_guesses', ...subject);
    const userCode = normalizeUserCode(text);
    const login = userCode && (await look(this.hashOf(homeOperatorId, userCode)));
    if (!userCode || !login) throw authErrors.device_code_not_found();
    for (const subject of subjects) await this.rateLimits.refund('device_code_guesses', ...subject);
    return { userCode, login };
  }

  private hashOf(operatorId: string, userCode: string): string {
    return this.secrets.sign(USER_CODE, `${operatorId} ${userCode}`);
  }
}

const refusedWith = (error: string, interval?: number) => ({ data: { error, ...(interval && { interval }) } });

function assertApproved(login: PolledDeviceLogin | null): asserts login is PolledDeviceLogin {
  if (!login || login.state === 'used') throw authErrors.invalid_one_time_token();
  if (login.state === 'denied') throw authErrors.access_denied(refusedWith('access_denied'));
  if (login.expired) throw authErrors.expired_token(refusedWith('expired_token'));
  if (login.state === 'approved') return;
  if (login.tooSoon) throw authErrors.slow_down(refusedWith('slow_down', login.pollSeconds));
  throw authErrors.authorization_pending(refusedWith('authorization_pending', login.pollSeconds));
}
