export const API_KEY_STATUSES = ['active', 'expired', 'revoked'] as const;
export type ApiKeyStatus = (typeof API_KEY_STATUSES)[number];

/** Builds the SQL condition that the API key `alias` is neither revoked nor expired. */
export const liveApiKeySql = (alias: string): string =>
  `${alias}.revoked_at is null and (${alias}.expires_at is null or ${alias}.expires_at > now())`;

/** Builds the status of the API key `alias`. */
export const apiKeyStatusSql = (alias: string): string =>
  `case when ${alias}.revoked_at is not null then 'revoked' when ${alias}.expires_at <= now() then 'expired' else 'active' end`;
