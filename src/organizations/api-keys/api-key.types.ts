import type { ApiKey } from './api-key.entity.js';

export const API_KEY_STATUSES = ['active', 'expired', 'revoked'] as const;
export type ApiKeyStatus = (typeof API_KEY_STATUSES)[number];

export type ApiKeyRow = Omit<ApiKey, 'keyHash'> & {
  status: ApiKeyStatus;
  makerName: string | null;
};
