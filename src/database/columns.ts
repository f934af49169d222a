import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { Reader } from './reader.js';

/** Returns the columns of an entity as a select list, `o.operator_id as "operatorId", …`, so that rows have its shape. */
export function columnsOf<T extends ObjectLiteral>(reader: Reader, entity: EntityTarget<T>, alias: string): string {
  return reader
    .metadataOf(entity)
    .columns.filter((column) => column.isSelect)
    .map((column) => `${alias}.${column.databaseName} as "${column.propertyName}"`)
    .join(', ');
}
