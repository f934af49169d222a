import type { MigrationInterface } from 'typeorm';
import { Baseline1795500000000 } from './0001-baseline.js';
import { RegistrationWithoutPassword1795600000000 } from './0002-registration-without-password.js';

/** Migrations in order. A released migration is never edited. */
export const migrations: (new () => MigrationInterface)[] = [
  Baseline1795500000000,
  RegistrationWithoutPassword1795600000000,
];
