import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { TopUpSettings } from './terms.entity.js';

@Injectable()
export class TermsStore {
  find(reader: Reader, operatorId: string): Promise<TopUpSettings | null> {
    return reader.maybe<TopUpSettings>(
      `select ${columnsOf(reader, TopUpSettings, 's')} from operator_top_up_settings s where s.operator_id = $1`,
      [operatorId],
    );
  }

  async put(
    tx: Tx,
    row: Pick<TopUpSettings, 'operatorId' | 'currency' | 'creditPrice' | 'returnOrigins' | 'bankDetails'>,
  ) {
    await tx.execute(
      `insert into operator_top_up_settings as s (operator_id, currency, credit_price, return_origins, bank_details, updated_at)
       values ($1, $2, $3, $4, $5, now())
       on conflict (operator_id) do update set currency = excluded.currency, credit_price = excluded.credit_price,
         return_origins = excluded.return_origins, bank_details = excluded.bank_details, updated_at = now(),
         version = s.version + 1`,
      [row.operatorId, row.currency, row.creditPrice, row.returnOrigins, row.bankDetails],
    );
  }
}
