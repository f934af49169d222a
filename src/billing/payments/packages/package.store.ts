import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { OperatorPackageQuery } from './package.dto.js';
import { TopUpPackage } from './package.entity.js';

type NewPackage = Pick<
  TopUpPackage,
  'id' | 'operatorId' | 'name' | 'credits' | 'priceMinor' | 'roundedFromMinor' | 'currency' | 'active'
>;

const valuesOf = (row: Omit<NewPackage, 'operatorId'>) => [
  row.id,
  row.name,
  row.credits,
  row.priceMinor,
  row.currency,
  row.active,
  row.roundedFromMinor,
];

@Injectable()
export class PackageStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, row: NewPackage): Promise<void> {
    await tx.execute(
      `insert into top_up_packages (id, name, credits, price_minor, currency, active, rounded_from_minor, operator_id, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now())`,
      [...valuesOf(row), row.operatorId],
    );
  }

  async update(tx: Tx, row: Omit<NewPackage, 'operatorId'>): Promise<void> {
    await tx.execute(
      `update top_up_packages set name = $2, credits = $3, price_minor = $4, currency = $5, active = $6,
         rounded_from_minor = $7, updated_at = now(), version = version + 1
       where id = $1`,
      valuesOf(row),
    );
  }

  async remove(tx: Tx, operatorId: string, id: string): Promise<void> {
    await tx.execute('delete from top_up_packages where operator_id = $1 and id = $2', [operatorId, id]);
  }

  find(reader: Reader, operatorId: string, id: string, lock = false): Promise<TopUpPackage | null> {
    return reader.maybe<TopUpPackage>(
      `select ${columnsOf(reader, TopUpPackage, 'p')} from top_up_packages p where p.operator_id = $1 and p.id = $2
       ${lock ? 'for no key update' : ''}`,
      [operatorId, id],
    );
  }

  count(tx: Tx, operatorId: string): Promise<number> {
    return tx.countBy(TopUpPackage, { operatorId });
  }

  page(reader: Reader, operatorId: string, query: OperatorPackageQuery): Promise<Page<TopUpPackage>> {
    return this.pager.page<TopUpPackage>(
      reader,
      {
        name: 'top-up-packages',
        columns: columnsOf(reader, TopUpPackage, 'p'),
        from: 'top_up_packages p',
        sorts: {
          price: { sql: 'p.price_minor', type: 'bigint' },
          createdAt: { sql: 'p.created_at', type: 'timestamptz' },
        },
        defaultSort: 'price',
        tieBreaker: { sql: 'p.id', type: 'uuid' },
      },
      new Where().add('p.operator_id = ?', operatorId).when('p.active = ?', query.active),
      query,
    );
  }
}
