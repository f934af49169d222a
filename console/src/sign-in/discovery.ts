import { queryOptions, useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import type { DiscoveryView } from '@trellis/client';
import { signInQuery } from '../api/session';

const looksComplete = (email: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(email);

const discovery = (email: string) =>
  queryOptions({
    // The answer depends on the domain only.
    queryKey: ['discovery', email.slice(email.lastIndexOf('@') + 1).toLowerCase()],
    queryFn: ({ signal }) => signInQuery<DiscoveryView>(`discovery?email=${encodeURIComponent(email)}`, signal),
    staleTime: 5 * 60_000,
    retry: false,
  });

/** Returns how the users of an address's organization sign in, once the address looks complete. */
export function useDiscovery(email: string): DiscoveryView | undefined {
  const [settled] = useDebouncedValue(email.trim(), 250);
  return useQuery({ ...discovery(settled), enabled: looksComplete(settled) }).data;
}
