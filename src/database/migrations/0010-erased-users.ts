import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notes when an account was erased, and counts refused attempts until their event is written. */
export class ErasedUsers1796100000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table users add erased_at timestamp(3) with time zone');
    await runner.query(
      `create table refused_attempts (
         operator_id uuid not null,
         kind text not null,
         subject_id uuid not null,
         attempts integer not null default 1,
         created_at timestamp(3) with time zone not null default now(),
         constraint refused_attempts_pkey primary key (operator_id, kind, subject_id),
         constraint refused_attempts_operator_id_fkey foreign key (operator_id) references operators (id))`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
