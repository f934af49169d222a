import type { Type } from '@nestjs/common';
import type { Access, PersonAccess, UnitAccess } from '../common/access/index.js';
import type { Tx } from '../database/index.js';
import { OperatorService } from '../operators/index.js';

/** The access of a request at any level: the ids of deeper levels are missing. */
export type LevelAccess = Access & Partial<UnitAccess>;

/**
 * Locks the row that settings of one level belong to. Organizations and units stand above this module, so they pass theirs
 * in; the lock refuses what is gone or waits for its purge.
 */
export interface LevelLock<A extends LevelAccess, O> {
  /** The service that owns the row. */
  service: Type<O>;
  lock(service: O, tx: Tx, access: A): Promise<unknown>;
}

export const operatorLock: LevelLock<PersonAccess, OperatorService> = {
  service: OperatorService,
  lock: (operators, tx, { operator }) => operators.lock(tx, operator.id),
};
