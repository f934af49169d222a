import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PasswordHasher, RegistrationService } from '../auth/identity/index.js';
import { SigningKeyService } from '../auth/access/index.js';
import { systemActor } from '../common/access/index.js';
import { Config, ConfigError } from '../common/config/index.js';
import { SecretBox } from '../common/crypto/index.js';
import { Database, type Tx } from '../database/index.js';
import { EventChainStartService } from '../events/index.js';
import { OperatorService } from '../operators/index.js';
import { StaffService } from '../users/index.js';
import { CiphertextBindingService } from './ciphertext-binding.service.js';
import { Deployment } from './deployment.entity.js';

const FINGERPRINT = 'fingerprint';
const START_LOCK = 7_406_513;

/** Sign-in data to print once, after the first start. */
export interface FirstSignIn {
  operator: string;
  email: string;
  /** Null if the environment sets the password. */
  password: string | null;
}

/** Creates the first operator and its admin. A lock makes sure that concurrently starting servers do this once. */
@Injectable()
export class BootstrapService {
  constructor(
    private readonly db: Database,
    private readonly config: Config,
    private readonly secrets: SecretBox,
    private readonly ciphertexts: CiphertextBindingService,
    private readonly chains: EventChainStartService,
    private readonly keys: SigningKeyService,
    private readonly operators: OperatorService,
    private readonly registration: RegistrationService,
    private readonly hasher: PasswordHasher,
    private readonly staff: StaffService,
  ) {}

  /** Returns null if this was not the first start. */
  async run(): Promise<FirstSignIn | null> {
    const password = this.config.bootstrapAdminPassword ?? randomBytes(15).toString('base64url');
    const passwordHash = await this.hasher.hash(password);
    return this.db.transaction(async (tx) => {
      await tx.execute('select pg_advisory_xact_lock($1)', [START_LOCK]);
      await this.assertSecretKey(tx);
      await this.keys.ensureFirst(tx);
      if (await this.operators.any(tx)) return null;
      const email = await this.createFirstOperator(tx, passwordHash);
      return {
        operator: this.config.bootstrapOperator,
        email,
        password: this.config.bootstrapAdminPassword ? null : password,
      };
    });
  }

  private async assertSecretKey(tx: Tx): Promise<void> {
    const secretFingerprint = this.secrets.sign(FINGERPRINT, 'deployment');
    const deployment = await tx.findOneBy(Deployment, { id: 1 });
    if (!deployment)
      await tx.insert(Deployment, { id: 1, secretFingerprint, ciphertextsBound: true, eventsSigned: true });
    else if (deployment.secretFingerprint !== secretFingerprint)
      throw new ConfigError('SECRET_KEY differs from the key that this database was created with');
    if (deployment && !deployment.ciphertextsBound) {
      await this.ciphertexts.bindAll(tx);
      await tx.update(Deployment, { id: 1 }, { ciphertextsBound: true });
    }
    if (deployment && !deployment.eventsSigned) {
      await this.chains.signAll(tx);
      await tx.update(Deployment, { id: 1 }, { eventsSigned: true });
    }
  }

  private async createFirstOperator(tx: Tx, passwordHash: string): Promise<string> {
    const actor = systemActor('first-start');
    const slug = this.config.bootstrapOperator;
    const email = this.config.bootstrapAdminEmail ?? `admin@${slug}.example`;
    const operator = await this.operators.create(tx, actor, {
      slug,
      name: slug.charAt(0).toUpperCase() + slug.slice(1),
    });
    const admin = await this.registration.createVerified(tx, actor, {
      operatorId: operator.id,
      email,
      name: 'Administrator',
      passwordHash,
      platformAdmin: true,
    });
    await this.staff.addFirst(tx, actor, operator.id, admin.id);
    return email;
  }
}
