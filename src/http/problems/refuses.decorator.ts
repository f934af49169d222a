import { ApiExtension } from '@nestjs/swagger';

export const ERROR_CODES = 'x-error-codes';

/** Lists the codes an operation refuses with, for openapi.json: `@Refuses('organizations.not_found')`. */
export const Refuses = (...codes: string[]) => ApiExtension(ERROR_CODES, codes);
