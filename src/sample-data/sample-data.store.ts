import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids/index.js';
import type { Reader, Tx } from '../database/index.js';

export interface SampleTopUp {
  organizationId: string;
  id: string;
  requestedBy: string | null;
  /** Micro-credits. */
  amount: bigint;
  priceMinor: number;
  lotId: string;
  paidAt: Date;
}

export interface SampleArtifact {
  organizationId: string;
  unitId: string;
  memberId: string;
  name: string;
  kind: string;
  sizeBytes: number;
  createdAt: Date;
}

@Injectable()
export class SampleDataStore {
  async hasOrganizations(reader: Reader, operatorId: string): Promise<boolean> {
    const { found } = await reader.one<{ found: boolean }>(
      'select exists (select 1 from organizations where operator_id = $1) as found',
      [operatorId],
    );
    return found;
  }

  async findAdmin(reader: Reader, operatorId: string): Promise<string> {
    const { id } = await reader.one<{ id: string }>(
      `select user_id as id from operator_members where operator_id = $1 and role = 'admin' order by joined_at limit 1`,
      [operatorId],
    );
    return id;
  }

  /** Moves the creation of an organization, its units, members and their accounts into the past. */
  async backdate(tx: Tx, organizationId: string, createdAt: Date): Promise<void> {
    const parameters = [organizationId, createdAt];
    await tx.execute('update organizations set created_at = $2 where id = $1', parameters);
    await tx.execute('update units set created_at = $2 where organization_id = $1', parameters);
    await tx.execute('update organization_members set joined_at = $2 where organization_id = $1', parameters);
    await tx.execute('update unit_members set joined_at = $2 where organization_id = $1', parameters);
    await tx.execute(
      `update users set created_at = $2 from organization_members m
       where m.user_id = users.id and m.organization_id = $1`,
      parameters,
    );
  }

  async hasPlan(reader: Reader, operatorId: string, name: string): Promise<boolean> {
    const row = await reader.maybe('select 1 from plans where operator_id = $1 and name = $2 limit 1', [
      operatorId,
      name,
    ]);
    return row !== null;
  }

  async hasSubscription(reader: Reader, organizationId: string): Promise<boolean> {
    return (await reader.maybe('select 1 from subscriptions where organization_id = $1', [organizationId])) !== null;
  }

  /** Returns the name of an organization and the address of its first admin. */
  firstAdmin(reader: Reader, organizationId: string | null): Promise<{ organization: string; email: string } | null> {
    return reader.maybe<{ organization: string; email: string }>(
      `select o.name as organization, u.email from organization_members m
       join organizations o on o.id = m.organization_id join users u on u.id = m.user_id
       where m.organization_id = $1 and m.role = 'admin' order by m.user_id limit 1`,
      [organizationId],
    );
  }

  async insertArtifact(tx: Tx, artifact: SampleArtifact): Promise<void> {
    await tx.execute(
      `insert into artifacts (organization_id, id, unit_id, name, kind, uri, size_bytes, member_id, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        artifact.organizationId,
        newId(),
        artifact.unitId,
        artifact.name,
        artifact.kind,
        `s3://example-artifacts/${artifact.organizationId}/${artifact.name}`,
        artifact.sizeBytes,
        artifact.memberId,
        artifact.createdAt,
      ],
    );
  }

  /** Inserts a paid top-up by bank transfer. */
  async insertTopUp(tx: Tx, topUp: SampleTopUp): Promise<void> {
    await tx.execute(
      `insert into top_ups (organization_id, id, state, credits, price_minor, currency, provider, return_url, requested_by,
         lot_id, paid_at, granted_at, refunded_minor, disputes, created_at, updated_at)
       values ($1, $2, 'granted', $3, $4, 'USD', 'manual', '', $5, $6, $7, $7, 0, '{}', $7, $7)`,
      [
        topUp.organizationId,
        topUp.id,
        String(topUp.amount),
        topUp.priceMinor,
        topUp.requestedBy,
        topUp.lotId,
        topUp.paidAt,
      ],
    );
  }
}
