import type { Answer } from './client.js';
import type { Person } from './people.js';
import type { Organization } from './tree.js';

let next = 0;
/** Returns an unused idempotency key. */
export const newKey = (): string => `key-${process.pid}-${next++}`;

export const keyed = (key = newKey()) => ({ headers: { 'idempotency-key': key } });

/** `/organizations/{id}/credits` */
export const creditsOf = ({ id }: Pick<Organization, 'id'>): string => `/organizations/${id}/credits`;

export async function grant(staff: Person, organization: Organization, amount: string, more: object = {}) {
  const answer = await staff.client.post(
    `${creditsOf(organization)}/grants`,
    { amount, category: 'promo', reason: 'test', ...more },
    keyed(),
  );
  if (answer.status !== 201) throw new Error(`granting ${amount} gave ${answer.status} ${answer.body.code}`);
  return answer.body;
}

export const charge = (
  person: Pick<Person, 'client'>,
  organization: Pick<Organization, 'id'>,
  body: object,
  key?: string,
): Promise<Answer> => person.client.post(`${creditsOf(organization)}/charges`, body, keyed(key));

/** Fails unless the ledger verifies. */
export async function expectProven(staff: Person, organization: Pick<Organization, 'id'>): Promise<void> {
  const { body } = await staff.client.get(`${creditsOf(organization)}/proof`);
  expect(body.checks.filter(({ holds }: { holds: boolean }) => !holds)).toEqual([]);
  expect(body.valid).toBe(true);
}
