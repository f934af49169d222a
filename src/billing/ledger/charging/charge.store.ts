import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';
import type { Category } from '../decisions/state.js';

export interface ChargeRow {
  id: string;
  type: 'charge' | 'capture';
  kind: string;
  consumed: string;
  receivable: string;
  availableAfter: string;
  unitId: string | null;
  memberId: string | null;
  apiKeyId: string | null;
  reference: string | null;
  detail: Record<string, unknown> | null;
  createdAt: Date;
  refunded: string;
  allocations: { lotId: string; category: Category; amount: string }[];
}

@Injectable()
export class ChargeStore {
  find(reader: Reader, organizationId: string, id: string): Promise<ChargeRow | null> {
    return reader.maybe<ChargeRow>(
      `select e.id, e.type, e.kind, e.consumed, e.receivable, e.available_after as "availableAfter", e.unit_id as "unitId",
         e.member_id as "memberId", e.api_key_id as "apiKeyId", e.reference, e.detail, e.created_at as "createdAt",
         coalesce((select r.refunded from credit_refunds r where r.organization_id = e.organization_id and r.charge_id = e.id), 0)
           as refunded,
         (select coalesce(json_agg(json_build_object('lotId', l.id, 'category', l.category,
            'amount', (- (c.change ->> 1)::bigint)::text) order by c.place), '[]')
          from jsonb_array_elements(e.lots) with ordinality c (change, place)
          join credit_lots l on l.organization_id = e.organization_id and l.id = (c.change ->> 0)::uuid
          where (c.change ->> 1)::bigint < 0) as allocations
       from credit_entries e where e.organization_id = $1 and e.id = $2 and e.type in ('charge', 'capture')`,
      [organizationId, id],
    );
  }
}
