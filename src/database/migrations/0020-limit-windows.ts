import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The windows of limits follow the time zone of the operator, so usage that was counted in UTC is counted again. */
export class LimitWindows1796400000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from credit_usage where period <> 'lifetime'`);
    await runner.query(`-- Deletes usage that was counted in windows of another time zone. It is counted again from the entries when it is needed.
create or replace function forget_usage_windows() returns trigger language plpgsql as $$
begin
  delete from credit_usage u using organizations o
  where o.operator_id = new.id and u.organization_id = o.id and u.period <> 'lifetime';
  return null;
end $$;

create or replace trigger operators_forget_usage_windows after update of time_zone on operators
  for each row when (old.time_zone is distinct from new.time_zone) execute function forget_usage_windows();`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
