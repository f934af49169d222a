const DAYS = { days30: 30, days90: 90, days365: 365, never: null } as const;
export type Lifetime = keyof typeof DAYS;

export const LIFETIMES = Object.keys(DAYS) as Lifetime[];

/** Returns when a key that is created now expires, null for never. */
export const expiryOf = (lifetime: Lifetime): string | null => {
  const days = DAYS[lifetime];
  return days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString();
};
