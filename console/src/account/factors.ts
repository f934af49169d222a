import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { getMfa, listIdentities, listPasskeys } from '@trellis/client';

export const factors = queryOptions({
  queryKey: ['factors'],
  queryFn: async ({ signal }) => (await getMfa({ signal })).data,
});

export const passkeys = queryOptions({
  queryKey: ['passkeys'],
  queryFn: async ({ signal }) => (await listPasskeys({ signal })).data.items,
});

export const identities = queryOptions({
  queryKey: ['identities'],
  queryFn: async ({ signal }) => (await listIdentities({ signal })).data.items,
});

/** Reads again what a change of one factor touches. */
export const refreshFactors = (queries: QueryClient): Promise<unknown> =>
  Promise.all([factors, passkeys, identities].map(({ queryKey }) => queries.invalidateQueries({ queryKey })));
