import { Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** A device and network that a user signed in from, as far as clients describe themselves. */
@Entity('known_devices')
@ForeignKey('User', ['userId'], ['id'], { onDelete: 'CASCADE' })
export class KnownDevice {
  @PrimaryIdColumn()
  userId: string;

  /** Hash of the device kind and the network. */
  @PrimaryColumn({ type: 'text' })
  deviceHash: string;

  /** For example `203.0.0.0/16`. Null if the address is unknown. */
  @TextColumn({ nullable: true })
  network: string | null;

  @CreatedAtColumn()
  firstSeenAt: Date;

  /** Precise to the day. */
  @TimestampColumn()
  lastSeenAt: Date;
}
