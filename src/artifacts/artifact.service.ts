import { Injectable } from '@nestjs/common';
import { callerIdOf, type OrganizationAccess, type UnitAccess } from '../common/access/index.js';
import { commonErrors } from '../common/errors/index.js';
import { newId } from '../common/ids/index.js';
import type { Page } from '../common/pagination/index.js';
import { jsonFault } from '../common/validation/index.js';
import { RunService } from '../billing/runs/index.js';
import { Database, type Reader, type Tx } from '../database/index.js';
import { EventService } from '../events/index.js';
import { LimitSettings } from '../limits/index.js';
import { UnitService } from '../units/index.js';
import {
  type ArtifactQuery,
  type ArtifactRow,
  type ArtifactView,
  type RegisterArtifact,
  toArtifactView,
  type UnitArtifactQuery,
} from './artifact.dto.js';
import { artifactErrors } from './artifact.errors.js';
import { ArtifactStore, type ArtifactViewer } from './artifact.store.js';

/** Managers see all artifacts and users those of their units. An API key sees all, or those of its units. */
const viewerOf = ({ actor, permissions, onlyUnitIds }: OrganizationAccess): ArtifactViewer => ({
  memberOf: actor.type === 'api_key' || permissions.has('artifacts:listAll') ? undefined : actor.userId,
  onlyUnits: onlyUnitIds,
});

/** Keeps the descriptions of files that workloads made. */
@Injectable()
export class ArtifactService {
  constructor(
    private readonly db: Database,
    private readonly store: ArtifactStore,
    private readonly units: UnitService,
    private readonly runs: RunService,
    private readonly limits: LimitSettings,
    private readonly events: EventService,
  ) {}

  async list(access: OrganizationAccess, query: ArtifactQuery): Promise<Page<ArtifactView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, viewerOf(access), query);
    return { ...page, items: page.items.map(toArtifactView) };
  }

  async listOfUnit(access: UnitAccess, query: UnitArtifactQuery): Promise<Page<ArtifactView>> {
    const { organizationId, unitId } = access;
    const page = await this.store.page(this.db.reader, organizationId, {}, { ...query, unitId });
    return { ...page, items: page.items.map(toArtifactView) };
  }

  async view(access: UnitAccess, id: string): Promise<ArtifactView> {
    return toArtifactView(await this.find(this.db.reader, access, id));
  }

  register(access: UnitAccess, input: RegisterArtifact): Promise<ArtifactView> {
    const { organizationId, unitId, actor } = access;
    const { name, kind, uri, sizeBytes = null, sha256 = null, runId = null, metadata = null } = input;
    const fault = jsonFault(metadata);
    if (fault) throw commonErrors.validation_failed({ errors: [{ field: 'metadata', message: `metadata ${fault}` }] });
    return this.db.transaction(async (tx) => {
      await this.units.lockActive(tx, organizationId, unitId);
      await this.assertRoom(tx, organizationId);
      if (runId && !(await this.runs.isOfUnit(tx, organizationId, unitId, runId))) throw artifactErrors.run_not_found();
      const id = newId();
      await this.store.insert(tx, {
        organizationId,
        id,
        unitId,
        name,
        kind,
        uri,
        sizeBytes: sizeBytes === null ? null : String(sizeBytes),
        sha256,
        runId,
        metadata,
        memberId: actor.userId,
        apiKeyId: actor.apiKeyId ?? null,
      });
      await this.record(tx, access, id, 'registered', { after: { unitId, name, kind, uri, sizeBytes, sha256, runId } });
      return toArtifactView(await this.find(tx, access, id));
    });
  }

  /** Deletes the description. The file stays where it is. */
  delete(access: UnitAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const artifact = await this.find(tx, access, id);
      const { unitId, name, kind, uri, memberId, apiKeyId } = artifact;
      const own = [memberId, apiKeyId].includes(callerIdOf(access.actor));
      if (!own && !access.permissions.has('artifacts:deleteAll')) throw artifactErrors.not_own();
      if (!(await this.store.delete(tx, access.organizationId, id))) throw artifactErrors.not_found();
      await this.record(tx, access, id, 'deleted', { before: { unitId, name, kind, uri } });
    });
  }

  count(organizationId: string): Promise<number> {
    return this.store.count(this.db.reader, organizationId, Number.MAX_SAFE_INTEGER);
  }

  private async find(reader: Reader, access: UnitAccess, id: string): Promise<ArtifactRow> {
    const artifact = await this.store.find(reader, access.organizationId, id, { onlyUnits: [access.unitId] });
    if (!artifact) throw artifactErrors.not_found();
    return artifact;
  }

  private async assertRoom(tx: Tx, organizationId: string): Promise<void> {
    const limit = this.limits.count('artifacts');
    if ((await this.store.count(tx, organizationId, limit)) >= limit)
      throw artifactErrors.limit_reached({ data: { limit } });
  }

  private record(
    tx: Tx,
    { organizationId, actor }: UnitAccess,
    id: string,
    what: 'registered' | 'deleted',
    change: { before?: object; after?: object },
  ): Promise<void> {
    return this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      { type: `artifact.${what}`, actor, subject: { type: 'artifact', id }, ...change },
    );
  }
}
