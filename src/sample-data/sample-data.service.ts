import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../auth/identity/index.js';
import { Database } from '../database/index.js';
import { OperatorService } from '../operators/index.js';
import type { SampleDataState, SampleDataView } from './sample-data.dto.js';
import { sampleDataErrors } from './sample-data.errors.js';
import { SampleDataJob } from './sample-data.job.js';
import { SampleDataLoaderService, type LoadOptions } from './sample-data-loader.service.js';
import type { SampleDataLoad } from './sample-data-load.entity.js';
import { SampleDataLoadStore } from './sample-data-load.store.js';
import { SampleDataStore } from './sample-data.store.js';

const POLL_MS = 1000;

/** Sign-in of a sample member, printed once. */
export interface SampleSignIn {
  organization: string;
  email: string;
  password: string;
}

function stateOf({ finishedAt, failure }: SampleDataLoad): SampleDataState {
  if (finishedAt) return 'loaded';
  return failure === null ? 'loading' : 'failed';
}

/** Fills an operator that has no organizations with believable ones, for trying the product out. */
@Injectable()
export class SampleDataService {
  constructor(
    private readonly db: Database,
    private readonly loads: SampleDataLoadStore,
    private readonly store: SampleDataStore,
    private readonly operators: OperatorService,
    private readonly hasher: PasswordHasher,
    private readonly loader: SampleDataLoaderService,
    private readonly job: SampleDataJob,
  ) {}

  async view(operatorId: string): Promise<SampleDataView> {
    const { reader } = this.db;
    const load = await this.loads.find(reader, operatorId);
    if (load) return { state: stateOf(load), done: load.loadedIds.length, total: load.total };
    const available = this.loader.isAvailable && !(await this.store.hasOrganizations(reader, operatorId));
    return { state: available ? 'available' : 'unavailable', done: 0, total: this.loader.samples.length };
  }

  /** Starts to load in the background. While it loads, nothing more happens. */
  async start(operatorId: string): Promise<SampleDataView> {
    if (!this.loader.isAvailable) throw sampleDataErrors.not_available();
    // Is told to no one: sample members sign in by the links in their mails.
    if (!(await this.begin(operatorId, randomBytes(24).toString('base64url'))))
      throw sampleDataErrors.has_organizations();
    void this.job.tick();
    return this.view(operatorId);
  }

  /**
   * Loads the data and waits, which takes about a minute. Returns the sign-in of a sample member, without a password if an
   * earlier start began. Returns null without a change if the operator has organizations.
   */
  async load(operatorSlug: string, options: LoadOptions = {}): Promise<SampleSignIn | null> {
    const operator = await this.operators.findBySlug(operatorSlug);
    if (!operator) return null;
    const password = randomBytes(12).toString('base64url');
    if (!(await this.begin(operator.id, password))) return null;
    const load = await this.wait(operator.id, options);
    const admin = await this.store.firstAdmin(this.db.reader, load.loadedIds[0] ?? null);
    if (!load.finishedAt || !admin) throw new Error(`sample data is not complete: ${load.failure ?? 'stopped'}`);
    const known = await this.hasher.verify(load.passwordHash, password);
    return { ...admin, password: known ? password : '(that of the first start)' };
  }

  /** Loads, or waits for the server that does. */
  private async wait(operatorId: string, options: LoadOptions): Promise<SampleDataLoad> {
    for (;;) {
      await this.loader.loadNext(options);
      const load = await this.loads.find(this.db.reader, operatorId);
      if (!load) throw new Error('the operator is gone');
      if (load.finishedAt || load.failure !== null || options.isStopped?.()) return load;
      await sleep(POLL_MS);
    }
  }

  /** Begins or goes on. False if the operator has organizations of its own. The operator's lock decides which of two begins. */
  private async begin(operatorId: string, password: string): Promise<boolean> {
    const total = this.loader.samples.length;
    const passwordHash = await this.hasher.hash(password);
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, operatorId);
      const load = await this.loads.find(tx, operatorId);
      if (load && !load.finishedAt) {
        await this.loads.clearFailure(tx, operatorId);
        return true;
      }
      if (await this.store.hasOrganizations(tx, operatorId)) return false;
      await this.loads.begin(tx, { operatorId, passwordHash, total });
      return true;
    });
  }
}
