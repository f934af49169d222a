import { toCredits, toMicro } from '../common/money/index.js';
import { PageQuery } from '../common/pagination/index.js';
import {
  CreditsField,
  DateTimeField,
  EnumField,
  EtagField,
  IntegerField,
  JsonField,
  ObjectListField,
  QueryBooleanField,
  SlugField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import type { Cluster, Preset } from './cluster.entity.js';
import { versionAndEtag } from '../http/index.js';

const SORTS = ['name', '-name', 'createdAt', '-createdAt'] as const;

const KEY = {
  min: 1,
  max: 50,
  pattern: /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/,
  description: 'Unique in its cluster. Runs refer to it.',
  example: 'gpu-small',
};
const PRICE = { zero: true, description: 'Charged by the second.', example: '2.4' };
const RESOURCES = { description: 'At most 4 KiB of JSON. Only the cluster interprets it.', example: { gpus: 1 } };
const ENDPOINT = {
  max: 500,
  pattern: /^(?:https?|grpcs?|wss?|tcp|ssh):\/\/\S+$/,
  description: 'Address for workloads and tools.',
  example: 'https://gpu-1.example.com:6443',
};
const LOCATION = { max: 100, example: 'eu-central' };

export class ClusterQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name, slug or location.' })
  q?: string;

  @QueryBooleanField({ description: 'Lists archived ones instead.' })
  archived?: boolean;

  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

export class PresetInput {
  @TextField(KEY)
  key: string;

  @TextField({ max: 100, optional: true, nullable: true })
  name?: string | null;

  @CreditsField(PRICE)
  creditsPerHour: string;

  @JsonField({ ...RESOURCES, optional: true })
  resources?: Record<string, unknown>;
}

export class PatchPreset {
  @TextField({ max: 100, optional: true, nullable: true })
  name?: string | null;

  @CreditsField({ ...PRICE, optional: true })
  creditsPerHour?: string;

  @JsonField({ ...RESOURCES, optional: true })
  resources?: Record<string, unknown>;
}

export class CreateCluster {
  @TextField({ max: 100, example: 'GPU cluster 1' })
  name: string;

  @SlugField({ optional: true, description: 'Derived from the name by default.' })
  slug?: string;

  @TextField({ max: 2000, multiline: true, optional: true, nullable: true })
  description?: string | null;

  @TextField({ ...LOCATION, optional: true, nullable: true })
  location?: string | null;

  @TextField({ ...ENDPOINT, optional: true, nullable: true })
  endpoint?: string | null;

  @ObjectListField(() => PresetInput, { optional: true })
  presets?: PresetInput[];
}

/** Current runs keep the price they started with. */
export class PatchCluster {
  @TextField({ max: 100, optional: true })
  name?: string;

  @SlugField({ optional: true })
  slug?: string;

  @TextField({ max: 2000, multiline: true, optional: true, nullable: true })
  description?: string | null;

  @TextField({ ...LOCATION, optional: true, nullable: true })
  location?: string | null;

  @TextField({ ...ENDPOINT, optional: true, nullable: true })
  endpoint?: string | null;

  @ObjectListField(() => PresetInput, { optional: true, description: 'Replaces all presets.' })
  presets?: PresetInput[];
}

export class PresetView {
  @TextField(KEY)
  key: string;

  @TextField({ max: 100, nullable: true })
  name: string | null;

  @CreditsField(PRICE)
  creditsPerHour: string;

  @JsonField(RESOURCES)
  resources: Record<string, unknown>;
}

export class PresetsView {
  @ObjectListField(() => PresetView)
  items: PresetView[];
}

/** A cluster, as shown to its users. */
export class UsableClusterView {
  @UuidField()
  id: string;

  @SlugField()
  slug: string;

  @TextField({ max: 100 })
  name: string;

  @TextField({ max: 2000, nullable: true })
  description: string | null;

  @TextField({ ...LOCATION, nullable: true })
  location: string | null;

  @TextField({ ...ENDPOINT, nullable: true })
  endpoint: string | null;

  @ObjectListField(() => PresetView)
  presets: PresetView[];
}

export class ClusterView extends UsableClusterView {
  @DateTimeField({ nullable: true })
  archivedAt: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

export const toPreset = ({ key, name, creditsPerHour, resources }: PresetInput): Preset => ({
  key,
  name: name || null,
  creditsPerHour: String(toMicro(creditsPerHour)),
  resources: resources ?? {},
});

export const toPresetView = ({ key, name, creditsPerHour, resources }: Preset): PresetView => ({
  key,
  name,
  creditsPerHour: toCredits(BigInt(creditsPerHour)),
  resources,
});

export const toUsableClusterView = (cluster: Cluster): UsableClusterView => ({
  id: cluster.id,
  slug: cluster.slug,
  name: cluster.name,
  description: cluster.description,
  location: cluster.location,
  endpoint: cluster.endpoint,
  presets: cluster.presets.map(toPresetView),
});

export const toClusterView = (cluster: Cluster): ClusterView => ({
  ...toUsableClusterView(cluster),
  archivedAt: cluster.archivedAt?.toISOString() ?? null,
  createdAt: cluster.createdAt.toISOString(),
  updatedAt: cluster.updatedAt.toISOString(),
  ...versionAndEtag(cluster.version),
});
