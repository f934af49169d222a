import { Resolver } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/index.js';

const NO_RECORD = ['ENOTFOUND', 'ENODATA'];

/** Queries TXT records at the DNS servers of the configuration or the system. */
@Injectable()
export class DomainRecordService {
  constructor(private readonly config: Config) {}

  /** Returns the texts at a name. Null if the DNS did not answer. */
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
