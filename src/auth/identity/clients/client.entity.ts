import { Entity, ForeignKey, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';

/** A service of an operator that reads tokens. Tokens name it as their audience, and it may introspect them. */
@Entity('clients')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Unique('clients_audience_key', ['operatorId', 'audience'])
export class Client {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  name: string;

  /** The `aud` claim of tokens. It never changes, because services are configured with it. */
  @TextColumn()
  audience: string;

  @TextColumn()
  secretHash: string;

  /** The secret before the last rotation, valid until `previousSecretExpiresAt`. */
  @TextColumn({ nullable: true })
  previousSecretHash: string | null;

  @TimestampColumn({ nullable: true })
  previousSecretExpiresAt: Date | null;

  @TimestampColumn()
  secretCreatedAt: Date;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}

/** A client with the end of the grace period of its previous secret. Null once that secret has expired. */
export type ClientRow = Client & { graceEndsAt: Date | null };
