import { Injectable } from '@nestjs/common';
import { hash, type Options, verify } from '@node-rs/argon2';
import { Config } from '../../../common/config/index.js';
import { normalizeText } from '../../../common/validation/index.js';
import { authErrors } from '../../access/index.js';

const AT_ONCE = 4;
/** Longest queue of waiting hashes. Beyond it a caller would wait too long, so they are asked to retry. */
const WAITING = 100;

/**
 * Hashes with argon2id: at most 4 hashes at a time and 100 waiting, then 503. By default, a hash has the cost of
 * OWASP's second recommendation, 19 MiB and 2 passes, about 20 ms on one core.
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

  hash(password: string): Promise<string> {
    return this.bounded(() => hash(normalizeText(password), this.options));
  }

  /** Without a stored hash, takes just as long and returns false, so that timing reveals nothing. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    this.decoy ??= hash('no account has this password', this.options);
    const against = stored ?? (await this.decoy);
    const matches = await this.bounded(() => verify(against, normalizeText(password)));
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
      // Hands the slot to the next waiting caller without releasing it, so that no other caller can take it.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
