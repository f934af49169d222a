import { Column, CreateDateColumn, PrimaryColumn } from 'typeorm';

interface Options {
  nullable?: boolean;
}

/** Instants are kept to the millisecond, so that what JavaScript read compares equal to what is stored. */
export const TimestampColumn = ({ nullable }: Options = {}) =>
  Column({ type: 'timestamp with time zone', precision: 3, nullable: nullable ?? false });

export const CreatedAtColumn = () => CreateDateColumn({ type: 'timestamp with time zone', precision: 3 });

/** Counts the changes of a row: what `ETag` and `If-Match` are made of. Raised by the store, in SQL. */
export const RowVersionColumn = () => Column({ type: 'integer', default: 1 });

export const IdColumn = ({ nullable }: Options = {}) => Column({ type: 'uuid', nullable: nullable ?? false });

/** (Part of) the primary key. What an organization owns has `organizationId` first. */
export const PrimaryIdColumn = () => PrimaryColumn({ type: 'uuid' });

export const TextColumn = ({ nullable }: Options = {}) => Column({ type: 'text', nullable: nullable ?? false });

export const JsonColumn = ({ nullable }: Options = {}) => Column({ type: 'jsonb', nullable: nullable ?? false });
