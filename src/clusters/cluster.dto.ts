import { toCredits, toMicro } from '../common/money/index.js';
import { PageQuery } from '../common/pagination/index.js';
import {
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  JsonField,
  ObjectListField,
  QueryBooleanField,
  SlugField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import type { Cluster, Preset } from './cluster.entity.js';

const SORTS = ['name', '-name', 'createdAt', '-createdAt'] as const;

const KEY = {
  min: 1,
  max: 50,
  pattern: /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/,
  description: 'Unique in its cluster; runs name it.',
  example: 'gpu-small',
};
const PRICE = { zero: true, description: 'Charged to the second.', example: '2.4' };
const RESOURCES = { description: 'At most 4 KiB of JSON, as the cluster understands it.', example: { gpus: 1 } };
const ENDPOINT = {
  max: 500,
  pattern: /^(?:https?|grpcs?|wss?|tcp|ssh):\/\/\S+$/,
  description: 'Where workloads and tools reach it.',
  example: 'https://gpu-1.example.com:6443',
};
const LOCATION = { max: 100, example: 'eu-central' };

export class ClusterQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name, the slug or the location.' })
  q?: string;

  @QueryBooleanField({ description: 'Archived ones instead.' })
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

  @SlugField({ optional: true, description: 'Made of the name when left out.' })
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

/** Runs that have begun keep the price they began with. */
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

  @ObjectListField(() => PresetInput, { optional: true, description: 'All of them.' })
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

/** A cluster as those see it who may use it. */
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
  version: cluster.version,
});
