import { Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** What somebody signed in with before, and from where: as much as a client says of itself without being asked. */
@Entity('known_devices')
@ForeignKey('User', ['userId'], ['id'], { onDelete: 'CASCADE' })
export class KnownDevice {
  @PrimaryIdColumn()
  userId: string;

  /** Of the client and the network. */
  @PrimaryColumn({ type: 'text' })
  deviceHash: string;

  /** `203.0.0.0/16`; null where the address is not known. */
  @TextColumn({ nullable: true })
  network: string | null;

  @CreatedAtColumn()
  firstSeenAt: Date;

  /** To a day. */
  @TimestampColumn()
  lastSeenAt: Date;
}
