import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "device_logins" ("device_code_hash" text NOT NULL, "user_code_hash" text NOT NULL, "operator_id" uuid NOT NULL, "client_name" text NOT NULL, "ip" text, "user_agent" text, "state" text NOT NULL DEFAULT 'pending', "user_id" uuid, "session_id" uuid, "destination_id" uuid, "poll_seconds" integer NOT NULL DEFAULT '5', "polled_at" TIMESTAMP(3) WITH TIME ZONE, "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "device_logins_approved_check" CHECK (state in ('pending', 'denied') or (user_id is not null and session_id is not null)), CONSTRAINT "device_logins_state_check" CHECK (state in ('pending', 'approved', 'denied', 'used')), CONSTRAINT "device_logins_pkey" PRIMARY KEY ("device_code_hash"))`,
  `CREATE INDEX "device_logins_expires_at_idx" ON "device_logins"  ("expires_at")`,
  `CREATE INDEX "device_logins_user_id_idx" ON "device_logins"  ("user_id")`,
  `CREATE UNIQUE INDEX "device_logins_user_code_hash_idx" ON "device_logins"  ("operator_id", "user_code_hash")`,
  `ALTER TABLE "device_logins" ADD CONSTRAINT "device_logins_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "device_logins" ADD CONSTRAINT "device_logins_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

/** Adds programs that wait until a user lets them in. */
export class DeviceLogins1796300000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
