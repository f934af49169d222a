import type { ApiKeyStatus } from '../../operators/index.js';
import type { ApiKey } from './api-key.entity.js';

export type ApiKeyRow = Omit<ApiKey, 'keyHash'> & {
  status: ApiKeyStatus;
  makerName: string | null;
};
