import { Injectable } from '@nestjs/common';
import type { OperatorRef } from '../../../common/access/index.js';
import type { Reader, Tx } from '../../../database/index.js';

/** An operator, and the time zone of its days. */
type OperatorDay = Pick<OperatorRef, 'id' | 'timeZone'>;

@Injectable()
export class IssuanceStore {
  /** Returns what an issuer created today and locks it until `tx` ends. Lock order: before the account. */
  async lockTotal(tx: Tx, { id: operatorId, timeZone }: OperatorDay, issuerId: string): Promise<bigint> {
    const { amount } = await tx.one<{ amount: string }>(
      `insert into staff_issuances as s (operator_id, issuer_id, day, amount)
       values ($1, $2, (now() at time zone $3)::date, 0)
       on conflict (operator_id, issuer_id, day) do update set amount = s.amount returning amount`,
      [operatorId, issuerId, timeZone],
    );
    return BigInt(amount);
  }

  async add(tx: Tx, { id: operatorId, timeZone }: OperatorDay, issuerId: string, amount: bigint): Promise<void> {
    await tx.execute(
      `update staff_issuances set amount = amount + $3
       where operator_id = $1 and issuer_id = $2 and day = (now() at time zone $4)::date`,
      [operatorId, issuerId, String(amount), timeZone],
    );
  }

  /** Counts the staff who may approve. */
  async countApprovers(reader: Reader, operatorId: string): Promise<number> {
    const { count } = await reader.one<{ count: number }>(
      `select count(*)::int as count from operator_members m join users u on u.id = m.user_id
       where m.operator_id = $1 and m.role in ('manager', 'admin') and u.blocked_at is null`,
      [operatorId],
    );
    return count;
  }

  /** Returns the addresses of the operator's admins and the name of the organization. */
  addressees(
    reader: Reader,
    operatorId: string,
    organizationId: string,
  ): Promise<{ address: string; organizationName: string }[]> {
    return reader.rows(
      `select u.email as address, o.name as "organizationName"
       from operator_members m join users u on u.id = m.user_id join organizations o on o.id = $2
       where m.operator_id = $1 and m.role = 'admin' order by m.user_id`,
      [operatorId, organizationId],
    );
  }
}
