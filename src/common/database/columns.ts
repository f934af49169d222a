import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { Reader } from './database.js';

/**
 * The columns of an entity as a select list, `o.operator_id as "operatorId", …`, from the entity itself, so that
 * hand-written SQL returns rows of the entity's own shape.
 */
export function columnsOf<T extends ObjectLiteral>(reader: Reader, entity: EntityTarget<T>, alias: string): string {
  return reader.connection
    .getMetadata(entity)
    .columns.filter((column) => column.isSelect)
    .map((column) => `${alias}.${column.databaseName} as "${column.propertyName}"`)
    .join(', ');
}
