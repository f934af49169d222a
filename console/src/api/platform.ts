import type { OperatorView } from '@trellis/client';
import { platformClient } from '@trellis/client/platform';
import { start } from '../start';
import { setUpClient } from './client';

setUpClient(platformClient, start.base || location.origin);

const url = '/api/v1/operators';

interface OperatorPage {
  items: OperatorView[];
  nextCursor: string | null;
  total?: number;
}

export interface NewOperator {
  name: string;
  slug: string;
  adminEmail: string;
  timeZone?: string;
}

/** Lists the operators of this platform. For platform admins. */
export async function listOperators(
  query: { limit: number; cursor?: string; count?: true; countLimit?: number; q?: string; sort?: string },
  signal: AbortSignal,
): Promise<{ data: OperatorPage }> {
  const { data } = await platformClient.get({ url, query, signal });
  return { data: data as OperatorPage };
}

/** Creates an operator. A link to set the password is mailed to its first admin. */
export async function createOperator(body: NewOperator): Promise<OperatorView> {
  const { data } = await platformClient.post({ url, body, headers: { 'Content-Type': 'application/json' } });
  return data as OperatorView;
}
