import { Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Readiness } from './readiness.js';

/** Ready once the database responds and has all migrations of this build. */
@Injectable()
export class DatabaseReadiness implements OnModuleInit {
  private migrated = false;

  constructor(
    private readonly readiness: Readiness,
    @Optional() private readonly dataSource?: DataSource,
  ) {}

  onModuleInit(): void {
    const { dataSource } = this;
    if (!dataSource) return;
    this.readiness.add('database', async () => {
      await dataSource.query('select 1');
      return null;
    });
    this.readiness.add('migrations', async () => {
      this.migrated ||= await this.allRun(dataSource);
      return this.migrated ? null : 'not all applied';
    });
  }

  private async allRun(dataSource: DataSource): Promise<boolean> {
    const table = dataSource.driver.escape(dataSource.options.migrationsTableName ?? 'migrations');
    const [found] = await dataSource.query<{ exists: boolean }[]>('select to_regclass($1) is not null as exists', [
      table,
    ]);
    if (!found?.exists) return false;
    const rows = await dataSource.query<{ name: string }[]>(`select name from ${table}`);
    const run = new Set(rows.map((row) => row.name));
    return dataSource.migrations.every((migration) => run.has(migration.name ?? migration.constructor.name));
  }
}
