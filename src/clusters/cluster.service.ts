import { Injectable } from '@nestjs/common';
import type { Access } from '../common/access/index.js';
import { Database, definedOnly, type Tx } from '../database/index.js';
import { commonErrors } from '../common/errors/index.js';
import { assertMatches, etagOf } from '../http/index.js';
import { newId, slugFrom } from '../common/ids/index.js';
import type { Page } from '../common/pagination/index.js';
import { jsonFault } from '../common/validation/index.js';
import { EventService } from '../events/index.js';
import {
  type ClusterQuery,
  type ClusterView,
  type CreateCluster,
  type PatchCluster,
  type PatchPreset,
  type PresetInput,
  type PresetView,
  toClusterView,
  toPreset,
  toPresetView,
} from './cluster.dto.js';
import type { Cluster, Preset } from './cluster.entity.js';
import { clusterErrors } from './cluster.errors.js';
import { type ClusterFields, ClusterStore } from './cluster.store.js';

const MAX_PRESETS = 100;

function assertResources(field: string, resources: unknown): void {
  const fault = jsonFault(resources);
  if (fault) throw commonErrors.validation_failed({ errors: [{ field, message: `${field} ${fault}` }] });
}

function presetsOf(inputs: readonly PresetInput[]): Preset[] {
  const refuse = (message: string) => commonErrors.validation_failed({ errors: [{ field: 'presets', message }] });
  if (inputs.length > MAX_PRESETS) throw refuse(`presets must be at most ${MAX_PRESETS}`);
  if (new Set(inputs.map(({ key }) => key)).size < inputs.length) throw refuse('presets has a key twice');
  inputs.forEach(({ resources }, index) => assertResources(`presets.${index}.resources`, resources));
  return inputs.map(toPreset);
}

const fieldsOf = ({ slug, name, description, location, endpoint, presets }: Cluster): ClusterFields => ({
  slug,
  name,
  description,
  location,
  endpoint,
  presets,
});

/** Formats the fields for responses and events. */
const toEventPayload = (fields: Partial<ClusterFields>): object => ({
  ...fields,
  ...(fields.presets && { presets: fields.presets.map(toPresetView) }),
});

/** Returns the changed fields before and after, null if nothing changed. */
function differences(before: ClusterFields, after: ClusterFields) {
  const changed = (Object.keys(after) as (keyof ClusterFields)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  const of = (fields: ClusterFields) =>
    toEventPayload(Object.fromEntries(changed.map((field) => [field, fields[field]])));
  return changed.length > 0 ? { before: of(before), after: of(after) } : null;
}

/** Manages the clusters of an operator and the prices of their presets. */
@Injectable()
export class ClusterService {
  constructor(
    private readonly db: Database,
    private readonly store: ClusterStore,
    private readonly events: EventService,
  ) {}

  async list({ operator }: Access, query: ClusterQuery): Promise<Page<ClusterView>> {
    const page = await this.store.page(this.db.reader, operator.id, query);
    return { ...page, items: page.items.map(toClusterView) };
  }

  async view({ operator }: Access, id: string): Promise<ClusterView> {
    const cluster = await this.store.find(this.db.reader, operator.id, id);
    if (!cluster) throw clusterErrors.not_found();
    return toClusterView(cluster);
  }

  create(access: Access, input: CreateCluster): Promise<ClusterView> {
    const operatorId = access.operator.id;
    const presets = presetsOf(input.presets ?? []);
    return this.db.transaction(
      async (tx) => {
        const fields: ClusterFields = {
          slug: input.slug ?? (await this.freeSlug(tx, operatorId, input.name)),
          name: input.name,
          description: input.description || null,
          location: input.location || null,
          endpoint: input.endpoint || null,
          presets,
        };
        const id = newId();
        await this.store.insert(tx, operatorId, id, fields);
        await this.events.recordBy(tx, access, 'cluster.created', id, { after: toEventPayload(fields) });
        return toClusterView(await this.lock(tx, access, id));
      },
      { keepsAccess: true },
    );
  }

  patch(access: Access, id: string, input: PatchCluster, ifMatch?: string): Promise<ClusterView> {
    const presets = input.presets && presetsOf(input.presets);
    return this.edit(access, id, ifMatch, (before) => ({
      slug: input.slug ?? before.slug,
      name: input.name ?? before.name,
      description: input.description === undefined ? before.description : input.description || null,
      location: input.location === undefined ? before.location : input.location || null,
      endpoint: input.endpoint === undefined ? before.endpoint : input.endpoint || null,
      presets: presets ?? before.presets,
    }));
  }

  /** Archives the cluster. No new runs can start, and current runs are stopped. */
  archive(access: Access, id: string): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const cluster = await this.lock(tx, access, id);
        if (cluster.archivedAt) return;
        await this.store.archive(tx, id);
        await this.events.recordBy(tx, access, 'cluster.archived', id, { before: toEventPayload(fieldsOf(cluster)) });
      },
      { keepsAccess: true },
    );
  }

  async presets(access: Access, id: string): Promise<PresetView[]> {
    return (await this.view(access, id)).presets;
  }

  async addPreset(access: Access, id: string, input: PresetInput): Promise<PresetView> {
    const [preset] = presetsOf([input]);
    if (!preset) throw new Error('the preset does not exist');
    await this.edit(access, id, undefined, (before) => {
      if (before.presets.some(({ key }) => key === preset.key)) throw clusterErrors.preset_taken();
      if (before.presets.length >= MAX_PRESETS) throw clusterErrors.too_many_presets();
      return { ...before, presets: [...before.presets, preset] };
    });
    return toPresetView(preset);
  }

  async patchPreset(access: Access, id: string, key: string, input: PatchPreset): Promise<PresetView> {
    assertResources('resources', input.resources);
    const given = definedOnly(input);
    const view = await this.edit(access, id, undefined, (before) => ({
      ...before,
      presets: withPreset(before.presets, key, (preset) => [toPreset({ ...toPresetView(preset), ...given })]),
    }));
    const changed = view.presets.find((preset) => preset.key === key);
    if (!changed) throw clusterErrors.preset_not_found();
    return changed;
  }

  /** Removes the preset. Current runs continue. */
  async removePreset(access: Access, id: string, key: string): Promise<void> {
    await this.edit(access, id, undefined, (before) => ({
      ...before,
      presets: withPreset(before.presets, key, () => []),
    }));
  }

  /** Locks the cluster until `tx` ends. */
  async lock(tx: Tx, { operator }: Access, id: string): Promise<Cluster> {
    const cluster = await this.store.lock(tx, operator.id, id);
    if (!cluster) throw clusterErrors.not_found();
    return cluster;
  }

  private edit(
    access: Access,
    id: string,
    ifMatch: string | undefined,
    how: (before: ClusterFields) => ClusterFields,
  ): Promise<ClusterView> {
    return this.db.transaction(
      async (tx) => {
        const cluster = await this.lock(tx, access, id);
        assertMatches(ifMatch, etagOf(cluster.version));
        if (cluster.archivedAt) throw clusterErrors.archived();
        const after = how(fieldsOf(cluster));
        const changes = differences(fieldsOf(cluster), after);
        if (!changes) return toClusterView(cluster);
        await this.store.update(tx, id, after);
        await this.events.recordBy(tx, access, 'cluster.updated', id, changes);
        return toClusterView(await this.lock(tx, access, id));
      },
      { keepsAccess: true },
    );
  }

  private async freeSlug(tx: Tx, operatorId: string, name: string): Promise<string> {
    const slug = slugFrom(name, 'cluster');
    return (await this.store.slugExists(tx, operatorId, slug)) ? `${slug}-${newId().slice(-8)}` : slug;
  }
}

function withPreset(presets: readonly Preset[], key: string, how: (preset: Preset) => Preset[]): Preset[] {
  if (!presets.some((preset) => preset.key === key)) throw clusterErrors.preset_not_found();
  return presets.flatMap((preset) => (preset.key === key ? how(preset) : [preset]));
}
