import type { Type } from '@nestjs/common';
import type { Access, PersonAccess, UnitAccess } from '../common/access/index.js';
import type { Tx } from '../database/index.js';
import { OperatorService } from '../operators/index.js';

/** The access of a request at any level. The ids of deeper levels are undefined. */
export type LevelAccess = Access & Partial<UnitAccess>;

/**
 * Locks the row of a level before its settings change. Organizations and units depend on this module, so they pass in
 * their own lock. It rejects levels that no longer exist or are pending deletion.
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
