import { Injectable, Logger } from '@nestjs/common';
import { SecretBox } from '../common/crypto/index.js';
import type { Tx } from '../database/index.js';

/** A column whose ciphertexts were once not bound to their rows. */
interface EncryptedColumn {
  table: string;
  column: string;
  primaryKey: readonly string[];
  purpose: string;
}

const variables = (table: string, primaryKey: string[]): EncryptedColumn => ({
  table,
  column: 'value',
  primaryKey,
  purpose: 'variable',
});

const COLUMNS: readonly EncryptedColumn[] = [
  { table: 'signing_keys', column: 'private_key', primaryKey: ['kid'], purpose: 'signing-key' },
  { table: 'totp_factors', column: 'secret', primaryKey: ['user_id'], purpose: 'totp' },
  { table: 'sso_connections', column: 'secret', primaryKey: ['organization_id', 'id'], purpose: 'sso-client-secret' },
  { table: 'idempotency_keys', column: 'body', primaryKey: ['caller_id', 'key'], purpose: 'idempotency' },
  { table: 'mails', column: 'content', primaryKey: ['id'], purpose: 'mail' },
  variables('operator_variables', ['operator_id', 'key']),
  variables('organization_variables', ['organization_id', 'key']),
  variables('unit_variables', ['organization_id', 'unit_id', 'key']),
];

const BATCH = 500;

/**
 * Binds the ciphertexts of development versions to their rows, once for a database, at its first start with this version.
 * Afterwards a text that is not bound is refused everywhere.
 */
@Injectable()
export class CiphertextBindingService {
  private readonly logger = new Logger('Start');

  constructor(private readonly secrets: SecretBox) {}

  async bindAll(tx: Tx): Promise<void> {
    for (const column of COLUMNS) await this.bindColumn(tx, column);
  }

  private async bindColumn(tx: Tx, encrypted: EncryptedColumn): Promise<void> {
    const { table, column, primaryKey } = encrypted;
    const isSecret = column === 'value' ? 'secret and ' : '';
    const keyList = primaryKey.join(', ');
    let last: string[] = [];
    for (;;) {
      const after = last.length > 0 ? `and (${keyList}) > (${last.map((_, index) => `$${index + 1}`).join(', ')})` : '';
      const rows = await tx.rows<{ row: string[]; text: string }>(
        `select array[${primaryKey.map((key) => `${key}::text`).join(', ')}] as row, ${column} as text from ${table}
         where ${isSecret}${column} like 'v1.%' ${after} order by ${keyList} limit ${BATCH}`,
        last,
      );
      for (const { row, text } of rows) await this.bind(tx, encrypted, row, text);
      if (rows.length < BATCH) return;
      last = rows.at(-1)?.row ?? [];
    }
  }

  private async bind(tx: Tx, { table, column, primaryKey, purpose }: EncryptedColumn, row: string[], text: string) {
    let plaintext: string;
    try {
      plaintext = this.secrets.decryptUnbound(purpose, text);
    } catch {
      return this.logger.error(
        `a value in ${table}.${column} cannot be decrypted and stays as it is: ${row.join(' ')}`,
      );
    }
    const condition = primaryKey.map((key, index) => `${key} = $${index + 2}`).join(' and ');
    const sealed = this.secrets.encrypt(purpose, { table, column, row }, plaintext);
    await tx.execute(`update ${table} set ${column} = $1 where ${condition}`, [sealed, ...row]);
  }
}
