import { Injectable } from '@nestjs/common';
import { hash, type Options, verify } from '@node-rs/argon2';
import { Config } from '../../../common/config/index.js';
import { authErrors } from '../../access/index.js';

const AT_ONCE = 4;
/** Who comes after this many waits longer than a person does: he is told to come back. */
const WAITING = 100;

/** The same password typed on another keyboard or system may come in other code points (NIST SP 800-63B). */
const normalized = (password: string): string => password.normalize('NFKC');

/**
 * argon2id with bounded work: at most 4 hashes at a time, at most 100 waiting, then 503. By default a hash has the cost
 * of OWASP's second recommendation, 19 MiB and 2 passes, which takes about 20 ms on one core.
 */
@Injectable()
export class PasswordHasher {
  private readonly options: Options;
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | undefined;

  constructor(config: Config) {
    this.options = { memoryCost: config.argon2MemoryKib, timeCost: config.argon2Passes, parallelism: 1 };
  }

  /** Throws auth.busy. */
  hash(password: string): Promise<string> {
    return this.bounded(() => hash(normalized(password), this.options));
  }

  /** With no hash it works just as long and says no, so that time tells nothing. Throws auth.busy. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    this.decoy ??= hash('nobody has this password', this.options);
    const against = stored ?? (await this.decoy);
    const matches = await this.bounded(() => verify(against, normalized(password)));
    return matches && stored !== null;
  }

  private async bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= WAITING) throw authErrors.busy({ retryAfterSeconds: 2 });
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      // The place is handed on, not given back: nobody can slip in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
