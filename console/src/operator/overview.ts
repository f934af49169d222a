import { queryOptions } from '@tanstack/react-query';
import { getOperatorOverview } from '@trellis/client';

/** The operator summed up: organizations by status, first steps, recent activity. */
export const operatorOverview = queryOptions({
  queryKey: ['operator-overview'],
  queryFn: async ({ signal }) => (await getOperatorOverview({ signal })).data,
});
