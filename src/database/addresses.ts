import { mailboxOf, normalizeEmail } from '../common/validation/index.js';

/** Runs a statement and returns its rows. */
export type Query = <Row>(sql: string, parameters?: unknown[]) => Promise<Row[]>;

/** Accounts of one operator whose addresses are the same mailbox. Only the first can be used to sign in by address. */
export interface AddressTwins {
  operator: string;
  accounts: { id: string; email: string }[];
}

interface WrittenAddress {
  id: string;
  operatorId: string;
  operator: string;
  email: string;
}

const BATCH = 1_000;

/** Addresses that another form may exist of: those with other letters than ASCII, and international domains. */
const MAY_DIFFER = (column: string) =>
  `(octet_length(${column}) <> char_length(${column}) or ${column} like '%@xn--%' or ${column} like '%.xn--%')`;

/** Columns with addresses that nothing keeps apart. */
const COLUMNS = [
  ['email_changes', 'new_email'],
  ['one_time_tokens', 'email'],
  ['organization_members', 'directory_email'],
  ['operators', 'support_email'],
  ['billing_details', 'email'],
  ['sellers', 'email'],
] as const;

const SETTINGS = ['operator_settings', 'organization_settings', 'unit_settings'];

const isChanged = (address: string): boolean => {
  const mailbox = mailboxOf(address);
  return mailbox !== null && mailbox !== address;
};

async function inBatches<T>(items: T[], work: (batch: T[]) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH) await work(items.slice(start, start + BATCH));
}

/** Groups accounts by mailbox, where one of them is stored in another form. */
async function mailboxes(query: Query): Promise<Map<string, WrittenAddress[]>> {
  const accounts = new Map<string, WrittenAddress[]>();
  const add = (row: WrittenAddress): void => {
    const key = `${row.operatorId} ${normalizeEmail(row.email)}`;
    const same = accounts.get(key) ?? [];
    if (!same.some(({ id }) => id === row.id)) accounts.set(key, [...same, row]);
  };
  const columns = `u.id, u.operator_id as "operatorId", o.slug as operator, u.email`;
  const from = 'users u join operators o on o.id = u.operator_id';
  let last: string | null = null;
  for (;;) {
    const rows: WrittenAddress[] = await query<WrittenAddress>(
      `select ${columns} from ${from} where ${MAY_DIFFER('u.email')} and ($1::uuid is null or u.id > $1) order by u.id limit ${BATCH}`,
      [last],
    );
    rows.forEach(add);
    last = rows.at(-1)?.id ?? null;
    if (rows.length < BATCH) break;
  }
  const others = [...accounts.values()].flat().filter(({ email }) => isChanged(email));
  await inBatches(others, async (batch) => {
    const rows = await query<WrittenAddress>(
      `select ${columns} from ${from} join unnest($1::uuid[], $2::text[]) v(operator_id, mailbox)
         on v.operator_id = u.operator_id and v.mailbox = u.email`,
      [batch.map(({ operatorId }) => operatorId), batch.map(({ email }) => mailboxOf(email))],
    );
    rows.forEach(add);
  });
  return accounts;
}

/** Describes twins in one line. */
export const describeTwins = ({ operator, accounts }: AddressTwins): string =>
  `${accounts.length} accounts of the operator ${operator} have the same address: ${accounts.map(({ id, email }) => `${email} (${id})`).join(', ')}`;

/** Returns the accounts that share a mailbox because older versions took its forms for different addresses. */
export async function findAddressTwins(query: Query): Promise<AddressTwins[]> {
  return [...(await mailboxes(query)).values()]
    .filter((accounts) => accounts.length > 1)
    .map((accounts) => {
      const used = ({ email }: WrittenAddress) => Number(isChanged(email));
      const sorted = accounts.toSorted((one, other) => used(one) - used(other) || one.id.localeCompare(other.id));
      return { operator: sorted[0]?.operator ?? '', accounts: sorted.map(({ id, email }) => ({ id, email })) };
    });
}

/** Stores the addresses of accounts in the form in which they are compared. Leaves twins as they are. Returns how many changed. */
export async function normalizeAccounts(query: Query): Promise<number> {
  const alone = [...(await mailboxes(query)).values()].filter((accounts) => accounts.length === 1).flat();
  let changed = 0;
  await inBatches(
    alone.filter(({ email }) => isChanged(email)),
    async (batch) => {
      const rows = await query<unknown>(
        `update users u set email = v.mailbox, version = u.version + 1
         from unnest($1::uuid[], $2::text[], $3::text[]) v(id, email, mailbox)
         where u.id = v.id and u.email = v.email
           and not exists (select from users t where t.operator_id = u.operator_id and t.email = v.mailbox)
         returning u.id`,
        [batch.map(({ id }) => id), batch.map(({ email }) => email), batch.map(({ email }) => mailboxOf(email))],
      );
      changed += rows.length;
    },
  );
  return changed;
}

/** Rewrites a column. `condition` limits the rows `t` to those that may get the mailbox `v.mailbox`. */
async function normalizeColumn(query: Query, table: string, column: string, condition = 'true'): Promise<void> {
  const rows = await query<{ address: string }>(
    `select distinct ${column} as address from ${table} where ${MAY_DIFFER(column)}`,
  );
  const addresses = rows.map(({ address }) => address).filter(isChanged);
  await inBatches(addresses, async (batch) => {
    await query(
      `update ${table} t set ${column} = v.mailbox from unnest($1::text[], $2::text[]) v(address, mailbox)
       where t.${column} = v.address and ${condition}`,
      [batch, batch.map(mailboxOf)],
    );
  });
}

/** Of several pending invitations to one mailbox, the newest stays. */
const REVOKE_OLDER_INVITATIONS = `update organization_invitations i set state = 'revoked', decided_at = now(), version = i.version + 1
  from unnest($1::text[], $2::text[]) v(address, mailbox)
  where i.email = v.address and i.state = 'pending' and exists (
    select from organization_invitations t left join unnest($1::text[], $2::text[]) w(address, mailbox) on w.address = t.email
    where t.organization_id = i.organization_id and t.state = 'pending' and t.id <> i.id
      and coalesce(w.mailbox, t.email) = v.mailbox and (t.created_at, t.id) > (i.created_at, i.id))`;

async function normalizeInvitations(query: Query): Promise<void> {
  const rows = await query<{ address: string }>(
    `select distinct email as address from organization_invitations where ${MAY_DIFFER('email')}`,
  );
  const addresses = rows.map(({ address }) => address);
  const changed = addresses.filter(isChanged);
  if (changed.length === 0) return;
  const both = [...new Set([...changed, ...changed.map(normalizeEmail)])];
  await query(REVOKE_OLDER_INVITATIONS, [both, both.map(normalizeEmail)]);
  await normalizeColumn(query, 'organization_invitations', 'email');
}

/** Directory names that are taken by the normalized form of another stay as they are. */
const NAME_IS_FREE = `not exists (select from scim_users o where o.organization_id = t.organization_id and o.user_name_key = v.mailbox)
  and not exists (select from scim_users o join unnest($1::text[], $2::text[]) w(address, mailbox) on w.address = o.user_name_key
    where o.organization_id = t.organization_id and o.user_id < t.user_id and w.mailbox = v.mailbox)`;

/** Stores all addresses in the form in which they are compared. Runs again without a change. */
export async function normalizeAddresses(query: Query): Promise<void> {
  await normalizeAccounts(query);
  await normalizeInvitations(query);
  for (const [table, column] of COLUMNS) await normalizeColumn(query, table, column);
  await normalizeColumn(query, 'scim_users', 'user_name_key', NAME_IS_FREE);
  for (const table of SETTINGS) await normalizeSupportAddresses(query, table);
}

async function normalizeSupportAddresses(query: Query, table: string): Promise<void> {
  const address = `("values"->>'supportEmail')`;
  const rows = await query<{ address: string }>(
    `select distinct ${address} as address from ${table} where kind = 'branding' and ${MAY_DIFFER(address)}`,
  );
  await inBatches(rows.map((row) => row.address).filter(isChanged), async (batch) => {
    await query(
      `update ${table} t set "values" = jsonb_set(t."values", '{supportEmail}', to_jsonb(v.mailbox))
       from unnest($1::text[], $2::text[]) v(address, mailbox) where t.kind = 'branding' and t."values"->>'supportEmail' = v.address`,
      [batch, batch.map(mailboxOf)],
    );
  });
}
