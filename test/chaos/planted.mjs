import { auditRead } from './audit.mjs';

/**
 * Runs `change` with the triggers disabled, audits what it left, and takes it back. `compared` is what the audit compares
 * besides the ledger: `payments` or `runs`.
 */
export async function audited({ cluster, journal, organizations }, compared, change) {
  const query = (text, values) => cluster.postgres.query(text, values);
  await query('begin');
  try {
    await query('set local session_replication_role = replica');
    await change(query);
    return await auditRead({ query, journal, organizations, ...compared });
  } finally {
    await query('rollback');
  }
}

/** Plants each fault of `[name, expected, statement]` about the row `id`, and calls `add` with what the audit found. */
export async function plantInTables(scene, compared, id, faults, add) {
  for (const [name, expected, statement] of faults) {
    const found = await audited(scene, compared, async (query) => {
      const { rowCount } = await query(statement, [id]);
      if (rowCount !== 1) throw new Error(`${name}: ${rowCount} rows were changed`);
    });
    add(name, { expected, found });
  }
}
