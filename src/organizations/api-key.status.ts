/** Builds the SQL condition that the API key `alias` is neither revoked nor expired. */
export const liveApiKeySql = (alias: string): string =>
  `${alias}.revoked_at is null and (${alias}.expires_at is null or ${alias}.expires_at > now())`;
