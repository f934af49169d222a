import { listArtifacts } from '@trellis/client';
import { pages } from '../api/pages';

const SORTS = ['name', '-name', 'createdAt', '-createdAt'] as const;

/** The search parameters of the page of artifacts. */
export interface ArtifactSearch {
  q?: string | undefined;
  kind?: string | undefined;
  unitId?: string | undefined;
  /** Newest first by default. */
  sort?: (typeof SORTS)[number] | undefined;
  /** The open artifact, and its unit, which its address needs. */
  artifact?: string | undefined;
  unit?: string | undefined;
}

const text = (name: string, value: unknown) => (typeof value === 'string' && value ? { [name]: value } : {});

export const readSearch = ({ q, kind, unitId, sort, artifact, unit }: Record<string, unknown>): ArtifactSearch => ({
  ...text('q', q),
  ...text('kind', kind),
  ...text('unitId', unitId),
  ...(SORTS.includes(sort as 'name') && { sort: sort as 'name' }),
  ...text('artifact', artifact),
  ...text('unit', unit),
});

export const artifactsOf = (orgId: string, { q, kind, unitId, sort = '-createdAt' }: ArtifactSearch) => {
  const filters = { sort, ...(q && { q }), ...(kind && { kind }), ...(unitId && { unitId }) };
  return pages(['artifacts', orgId, filters], (page, signal) =>
    listArtifacts({ path: { orgId }, query: { ...page, ...filters }, signal }),
  );
};
