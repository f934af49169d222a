import { queryOptions } from '@tanstack/react-query';
import { listUnits, type LifecycleStatus } from '@trellis/client';
import { Refused } from '../api/problem';
import type { Tone } from '../frame/StatusBadge';

export const UNIT_TONES: Record<LifecycleStatus, Tone> = {
  active: 'good',
  suspended: 'warning',
  pending_deletion: 'bad',
};

/** The unit with the slug in the address, also one that is scheduled for deletion. */
export const unitBySlug = (orgId: string, slug: string) =>
  queryOptions({
    queryKey: ['units', orgId, 'slug', slug],
    queryFn: async ({ signal }) => {
      for (const status of [undefined, 'pending_deletion'] as const) {
        const query = { slug, limit: 1, ...(status && { status }) };
        const [found] = (await listUnits({ path: { orgId }, query, signal })).data.items;
        if (found) return found;
      }
      throw new Refused({ status: 404, code: 'units.not_found', detail: 'No such unit.' });
    },
    staleTime: 30_000,
  });
