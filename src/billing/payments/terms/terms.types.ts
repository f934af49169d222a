import type { Micro } from '../../../common/money/index.js';

/** The terms on which an operator sells credits. */
export interface Terms {
  currency: string;
  /** The price of one credit, in millionths of the smallest unit of the currency. */
  creditPrice: Micro;
  returnOrigins: string[];
  bankDetails: string | null;
  version: number;
}
