import { SetMetadata } from '@nestjs/common';

export const OWN_IDEMPOTENCY = 'trellis:own-idempotency';

/** The route keeps its keys itself, in the transaction of its effect: where credits move. */
export const OwnIdempotency = () => SetMetadata(OWN_IDEMPOTENCY, true);
