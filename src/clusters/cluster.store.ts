import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, refusingOn, type Tx } from '../database/index.js';
import { containing, type Page, Pager, Where } from '../common/pagination/index.js';
import type { ClusterQuery } from './cluster.dto.js';
import { Cluster } from './cluster.entity.js';
import { clusterErrors } from './cluster.errors.js';

/** The editable part of a cluster. */
export type ClusterFields = Pick<Cluster, 'slug' | 'name' | 'description' | 'location' | 'endpoint' | 'presets'>;

const REFUSALS = { clusters_operator_id_slug_key: () => clusterErrors.slug_taken() };

const valuesOf = ({ slug, name, description, location, endpoint, presets }: ClusterFields): unknown[] => [
  slug,
  name,
  description,
  location,
  endpoint,
  JSON.stringify(presets),
];

@Injectable()
export class ClusterStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, operatorId: string, id: string, fields: ClusterFields): Promise<void> {
    await refusingOn(REFUSALS, () =>
      tx.execute(
        `insert into clusters (operator_id, id, slug, name, description, location, endpoint, presets, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, now())`,
        [operatorId, id, ...valuesOf(fields)],
      ),
    );
  }

  async update(tx: Tx, id: string, fields: ClusterFields): Promise<void> {
    await refusingOn(REFUSALS, () =>
      tx.execute(
        `update clusters set slug = $2, name = $3, description = $4, location = $5, endpoint = $6, presets = $7,
           updated_at = now(), version = version + 1
         where id = $1`,
        [id, ...valuesOf(fields)],
      ),
    );
  }

  async archive(tx: Tx, id: string): Promise<void> {
    await tx.execute(
      'update clusters set archived_at = clock_timestamp(), updated_at = now(), version = version + 1 where id = $1',
      [id],
    );
  }

  find(reader: Reader, operatorId: string, id: string): Promise<Cluster | null> {
    return reader.maybe<Cluster>(
      `select ${columnsOf(reader, Cluster, 'c')} from clusters c where c.operator_id = $1 and c.id = $2`,
      [operatorId, id],
    );
  }

  async lock(tx: Tx, operatorId: string, id: string): Promise<Cluster | null> {
    await tx.execute('select 1 from clusters where operator_id = $1 and id = $2 for no key update', [operatorId, id]);
    return this.find(tx, operatorId, id);
  }

  async slugExists(reader: Reader, operatorId: string, slug: string): Promise<boolean> {
    const rows = await reader.rows<unknown>(
      'select 1 from clusters where operator_id = $1 and slug = $2 and archived_at is null',
      [operatorId, slug],
    );
    return rows.length > 0;
  }

  page(reader: Reader, operatorId: string, query: ClusterQuery): Promise<Page<Cluster>> {
    return this.pager.page(
      reader,
      {
        name: 'clusters',
        columns: columnsOf(reader, Cluster, 'c'),
        from: 'clusters c',
        sorts: {
          name: { sql: 'c.name', type: 'name' },
          createdAt: { sql: 'c.created_at', type: 'timestamptz' },
        },
        tieBreaker: { sql: 'c.id', type: 'uuid' },
      },
      new Where()
        .add('c.operator_id = ?', operatorId)
        .add(query.archived ? 'c.archived_at is not null' : 'c.archived_at is null')
        .when("(c.name || ' ' || c.slug || ' ' || coalesce(c.location, '')) ilike ?", query.q && containing(query.q)),
      query,
    );
  }
}
