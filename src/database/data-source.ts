import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SnakeNamingStrategy } from './naming.js';
import { entities } from './entities.js';
import { migrations } from './migrations/index.js';

export interface DataSourceSettings {
  url: string;
  poolSize: number;
  /** How long the database may take for one statement; 0 is for ever. */
  statementTimeoutMs?: number;
}

const STATEMENT_TIMEOUT_MS = 30_000;
/** How long a request waits for a connection of the pool before it is refused with 503. */
const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * One that breaks fails what is asked of it and is replaced. It also says so to whoever listens, and between the pool and
 * those who use it there are moments when nobody does: then Node would end the process.
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
  // Never let the mapping choose: null or undefined in a condition is a fault of ours.
  invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
  installExtensions: false,
});

export const createDataSource = (settings: DataSourceSettings): DataSource =>
  new DataSource(dataSourceOptions(settings));
