import { Resolver } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/index.js';

const NO_RECORD = ['ENOTFOUND', 'ENODATA'];

/** TXT records, asked of the DNS servers of the configuration or of the system. */
@Injectable()
export class DomainRecords {
  constructor(private readonly config: Config) {}

  /** The texts at a name; none when it has none. Null when the DNS did not say. */
  async textsAt(name: string): Promise<string[] | null> {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    if (this.config.dnsServers.length > 0) resolver.setServers(this.config.dnsServers);
    try {
      const records = await resolver.resolveTxt(name);
      return records.map((parts) => parts.join(''));
    } catch (error) {
      return NO_RECORD.includes((error as NodeJS.ErrnoException).code ?? '') ? [] : null;
    }
  }
}
