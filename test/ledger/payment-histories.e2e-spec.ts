import { PaymentHistory } from './payment-histories.js';
import { Random } from './random.js';
import { FULL } from '../support/full.js';

const HISTORIES = FULL ? 120_000 : 4_000;
const seed = Number(process.env.PAYMENT_SEED ?? Math.floor(Math.random() * 2 ** 31));

it('leaves in the books what Stripe reports in the end, whatever the events and their order', () => {
  for (let number = 0; number < HISTORIES; number++) {
    try {
      new PaymentHistory(new Random(seed + number)).live();
    } catch (error) {
      throw new Error(`PAYMENT_SEED=${seed + number}: ${(error as Error).message}`, { cause: error });
    }
  }
  process.stdout.write(`${HISTORIES} histories of payments agreed, PAYMENT_SEED=${seed}\n`);
}, 600_000);
