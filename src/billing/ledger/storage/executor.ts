import type { Tx } from '../../../database/index.js';

/** SQL with its parameters. A `name` always stands for the same text, so a connection can keep it prepared. */
export interface Statement {
  name: string;
  text: string;
  values: unknown[];
}

/** Runs statements of one transaction or read, in the order they are passed. */
export interface Executor {
  run<Row>(statement: Statement): Promise<Row[]>;
}

/** Statements within a transaction of `Database`, one after the other. */
export function executorFor(tx: Pick<Tx, 'rows'>): Executor {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: <Row>({ text, values }: Statement) => {
      const rows = last.then(() => tx.rows<Row>(text, values));
      last = rows.catch(() => undefined);
      return rows;
    },
  };
}
