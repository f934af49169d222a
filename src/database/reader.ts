import type {
  EntityManager,
  EntityMetadata,
  EntityTarget,
  FindOneOptions,
  FindOptionsWhere,
  ObjectLiteral,
  QueryDeepPartialEntity,
} from 'typeorm';

/** What PostgreSQL returned for one statement. Both fields mean the same for every command. */
export interface StatementResult {
  rows: unknown[];
  /** How many rows the statement read or changed. */
  count: number;
}

export type Send = (text: string, parameters: unknown[]) => Promise<StatementResult>;

type Where<T extends ObjectLiteral> = FindOptionsWhere<T>;

/** Reads from the database, outside or inside a transaction. It has no method that writes. */
export class Reader {
  constructor(
    protected readonly send: Send,
    protected readonly entities: EntityManager,
  ) {}

  /** Returns every row. */
  async rows<Row>(text: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.send(text, parameters)).rows as Row[];
  }

  /** Returns the first row, or null if there is none. */
  async maybe<Row>(text: string, parameters: unknown[] = []): Promise<Row | null> {
    const { rows } = await this.send(text, parameters);
    return rows.length > 0 ? (rows[0] as Row) : null;
  }

  /** Returns the first row of a query that always has one, such as an aggregate. */
  async one<Row>(text: string, parameters: unknown[] = []): Promise<Row> {
    const row = await this.maybe<Row>(text, parameters);
    if (row === null) throw new Error(`The query returned no row: ${text}`);
    return row;
  }

  findOneBy<T extends ObjectLiteral>(entity: EntityTarget<T>, where: Where<T>): Promise<T | null> {
    return this.entities.findOneBy(entity, where);
  }

  existsBy<T extends ObjectLiteral>(entity: EntityTarget<T>, where: Where<T>): Promise<boolean> {
    return this.entities.existsBy(entity, where);
  }

  countBy<T extends ObjectLiteral>(entity: EntityTarget<T>, where: Where<T>): Promise<number> {
    return this.entities.countBy(entity, where);
  }

  metadataOf(entity: EntityTarget<ObjectLiteral>): EntityMetadata {
    return this.entities.dataSource.getMetadata(entity);
  }
}

/** Also runs statements that write. Each commits by itself, unless the writer is a transaction. */
export class Writer extends Reader {
  /** Runs a statement and returns how many rows it changed. */
  async execute(text: string, parameters: unknown[] = []): Promise<number> {
    return (await this.send(text, parameters)).count;
  }
}

/** Prepares statements, with their values written into the text, that are sent together with the commit. */
export type CommitWork = () => Promise<string>;

/** A running transaction. Only `Database.transaction` creates one. */
export class Tx extends Writer {
  /** Runs after everything else in the transaction, in the order of registration. */
  readonly commitWork: CommitWork[] = [];

  /** Makes the type nominal: neither a Reader nor a Writer is a transaction. */
  protected readonly inTransaction = true;

  findOne<T extends ObjectLiteral>(entity: EntityTarget<T>, options: FindOneOptions<T>): Promise<T | null> {
    return this.entities.findOne(entity, options);
  }

  async insert<T extends ObjectLiteral>(entity: EntityTarget<T>, row: QueryDeepPartialEntity<T>): Promise<void> {
    await this.entities.insert(entity, row);
  }

  async update<T extends ObjectLiteral>(
    entity: EntityTarget<T>,
    where: Where<T>,
    changes: QueryDeepPartialEntity<T>,
  ): Promise<void> {
    await this.entities.update(entity, where, changes);
  }

  async delete<T extends ObjectLiteral>(entity: EntityTarget<T>, where: Where<T>): Promise<void> {
    await this.entities.delete(entity, where);
  }
}
