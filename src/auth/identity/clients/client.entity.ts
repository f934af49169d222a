import { Entity, ForeignKey, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';

/** A service of an operator's that reads tokens: they name it as their audience, and it may ask whether they still count. */
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

  /** What stands in tokens as `aud`. Services are set up with it: it never changes. */
  @TextColumn()
  audience: string;

  @TextColumn()
  secretHash: string;

  /** The secret before the last rotation, which counts until `previousSecretExpiresAt`. */
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
