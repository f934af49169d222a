import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../database/index.js';
import { containing, type Page, Pager, Where } from '../common/pagination/index.js';
import type { ArtifactQuery, ArtifactRow } from './artifact.dto.js';
import { Artifact } from './artifact.entity.js';

/** The artifacts that a caller may see. Units that are scheduled for deletion are seen by no one. */
export interface ArtifactViewer {
  /** Limits the artifacts to those in the units of this user. */
  memberOf?: string | undefined;
  onlyUnits?: readonly string[] | undefined;
}

const FROM = 'artifacts a join units u on u.organization_id = a.organization_id and u.id = a.unit_id';

@Injectable()
export class ArtifactStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, artifact: Omit<Artifact, 'createdAt'>): Promise<void> {
    await tx.execute(
      `insert into artifacts (organization_id, id, unit_id, name, kind, uri, size_bytes, sha256, run_id, metadata, member_id,
         api_key_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        artifact.organizationId,
        artifact.id,
        artifact.unitId,
        artifact.name,
        artifact.kind,
        artifact.uri,
        artifact.sizeBytes,
        artifact.sha256,
        artifact.runId,
        artifact.metadata && JSON.stringify(artifact.metadata),
        artifact.memberId,
        artifact.apiKeyId,
      ],
    );
  }

  /** Returns false if the artifact is gone. */
  async delete(tx: Tx, organizationId: string, id: string): Promise<boolean> {
    const count = await tx.execute('delete from artifacts where organization_id = $1 and id = $2', [
      organizationId,
      id,
    ]);
    return count > 0;
  }

  find(reader: Reader, organizationId: string, id: string, viewer: ArtifactViewer): Promise<ArtifactRow | null> {
    const where = this.seenBy(organizationId, viewer).add('a.id = ?', id);
    return reader.maybe<ArtifactRow>(`select ${this.columns(reader)} from ${FROM} ${where.sql}`, where.parameters);
  }

  page(
    reader: Reader,
    organizationId: string,
    viewer: ArtifactViewer,
    query: ArtifactQuery,
  ): Promise<Page<ArtifactRow>> {
    const where = this.seenBy(organizationId, viewer)
      .when('a.unit_id = ?', query.unitId)
      .when('a.kind = ?', query.kind)
      .when('a.run_id = ?', query.runId)
      .when("(a.name || ' ' || a.uri) ilike ?", query.q && containing(query.q));
    return this.pager.page<ArtifactRow>(
      reader,
      {
        name: 'artifacts',
        columns: this.columns(reader),
        from: FROM,
        sorts: {
          createdAt: { sql: 'a.created_at', type: 'timestamptz' },
          name: { sql: 'a.name', type: 'name' },
        },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'a.id', type: 'uuid' },
      },
      where,
      query,
    );
  }

  /** Counts up to `limit` artifacts. */
  async count(reader: Reader, organizationId: string, limit: number): Promise<number> {
    const row = await reader.one<{ count: number }>(
      'select count(*)::int from (select from artifacts where organization_id = $1 limit $2) a',
      [organizationId, limit],
    );
    return row.count;
  }

  private columns(reader: Reader): string {
    return `${columnsOf(reader, Artifact, 'a')}, u.name as "unitName"`;
  }

  private seenBy(organizationId: string, { memberOf, onlyUnits }: ArtifactViewer): Where {
    return new Where()
      .add('a.organization_id = ? and u.deleted_at is null', organizationId)
      .when('a.unit_id = any (?::uuid[])', onlyUnits)
      .when(
        `exists (select from unit_members m where m.organization_id = a.organization_id and m.unit_id = a.unit_id
          and m.user_id = ? and (u.suspended_at is null or m.role = 'admin'))`,
        memberOf,
      );
  }
}
