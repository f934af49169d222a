import { useSyncExternalStore } from 'react';

let timeZone: string | undefined;
const listeners = new Set<() => void>();

/** Sets the time zone in which dates are written. Undefined is that of the device. */
export function setTimeZone(next: string | undefined): void {
  timeZone = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const useTimeZone = (): string | undefined => useSyncExternalStore(subscribe, () => timeZone);
