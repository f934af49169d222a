import { Column, CreateDateColumn, PrimaryColumn } from 'typeorm';

interface Options {
  nullable?: boolean;
}

/** Stores milliseconds, so that a value that JavaScript has read equals the stored one. */
export const TimestampColumn = ({ nullable }: Options = {}) =>
  Column({ type: 'timestamp with time zone', precision: 3, nullable: nullable ?? false });

export const CreatedAtColumn = () => CreateDateColumn({ type: 'timestamp with time zone', precision: 3 });

/** Counts the changes of a row, for `ETag` and `If-Match`. The store raises it in SQL. */
export const RowVersionColumn = () => Column({ type: 'integer', default: 1 });

export const IdColumn = ({ nullable }: Options = {}) => Column({ type: 'uuid', nullable: nullable ?? false });

/** A part of the primary key. In tables of an organization, `organizationId` comes first. */
export const PrimaryIdColumn = () => PrimaryColumn({ type: 'uuid' });

export const TextColumn = ({ nullable }: Options = {}) => Column({ type: 'text', nullable: nullable ?? false });

export const JsonColumn = ({ nullable }: Options = {}) => Column({ type: 'jsonb', nullable: nullable ?? false });
