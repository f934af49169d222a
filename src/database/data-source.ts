import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SnakeNamingStrategy } from './naming.js';
import { entities } from './entities.js';
import { migrations } from './migrations/index.js';

export interface DataSourceSettings {
  url: string;
  poolSize: number;
  /** Time limit of one statement. 0 for none. */
  statementTimeoutMs?: number;
}

const STATEMENT_TIMEOUT_MS = 30_000;
/** Time that a request waits for a connection before it is refused with 503. */
const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * Handles errors of broken connections. The failed statement reports the error and the pool replaces the connection, but
 * an `error` event without a listener would end the process.
 */
class Connection extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

export const dataSourceOptions = ({
  url,
  poolSize,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
}: DataSourceSettings): DataSourceOptions => ({
  type: 'postgres',
  url,
  poolSize,
  applicationName: 'trellis',
  connectTimeoutMS: CONNECTION_TIMEOUT_MS,
  extra: { statement_timeout: statementTimeoutMs, keepAlive: true, Client: Connection },
  entities,
  migrations,
  migrationsTableName: 'migrations',
  namingStrategy: new SnakeNamingStrategy(),
  // Null or undefined in a condition is a programming error and must not widen the query.
  invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
  installExtensions: false,
});

export const createDataSource = (settings: DataSourceSettings): DataSource =>
  new DataSource(dataSourceOptions(settings));
