import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { authErrors } from '../auth.errors.js';

/** OWASP's second recommendation for argon2id: 19 MiB, 2 passes. About 20 ms on one core. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const AT_ONCE = 4;
/** Who comes after this many waits longer than a person does: he is told to come back. */
const WAITING = 100;

/** The same password typed on another keyboard or system may come in other code points (NIST SP 800-63B). */
const normalized = (password: string): string => password.normalize('NFKC');

/** argon2id with bounded work: at most 4 hashes at a time (80 MiB), at most 100 waiting, then 503. */
@Injectable()
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | undefined;

  /** Throws auth.busy. */
  hash(password: string): Promise<string> {
    return this.bounded(() => hash(normalized(password), OPTIONS));
  }

  /** With no hash it works just as long and says no, so that time tells nothing. Throws auth.busy. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    this.decoy ??= hash('nobody has this password', OPTIONS);
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
