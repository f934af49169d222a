import { Check, Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../database/index.js';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export const COLOR_SCHEMES = ['light', 'dark', 'auto'] as const;
export type ColorScheme = (typeof COLOR_SCHEMES)[number];

/**
 * An account of a user at one operator. `emailVerifiedAt` is null for an invited user who has not verified the address
 * yet. That user cannot sign in and does not count as an admin. Registration creates the row once the address is verified.
 */
@Entity('users')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Unique('users_operator_id_email_key', ['operatorId', 'email'])
// Sorts names in an order that an entity cannot express.
@Index('users_operator_id_name_idx', { synchronize: false })
@Index('users_operator_id_created_at_idx', ['operatorId', 'createdAt', 'id'])
@Index('users_blocked_at_idx', ['operatorId', 'id'], { where: 'blocked_at is not null' })
@Index('users_unverified_idx', ['operatorId', 'id'], { where: 'email_verified_at is null' })
@Check('users_email_check', 'email = lower(email)')
@Check('users_language_check', "language in ('en', 'de')")
@Check('users_color_scheme_check', "color_scheme in ('light', 'dark', 'auto')")
export class User {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  email: string;

  @TextColumn()
  name: string;

  @TimestampColumn({ nullable: true })
  emailVerifiedAt: Date | null;

  @TimestampColumn({ nullable: true })
  blockedAt: Date | null;

  /** When the account was erased. Only the id is left of it, for the audit log. */
  @TimestampColumn({ nullable: true })
  erasedAt: Date | null;

  @Column({ type: 'boolean', default: false })
  platformAdmin: boolean;

  /** Null for the language of the device. */
  @TextColumn({ nullable: true })
  language: Language | null;

  /** Null for the time zone of the device. */
  @TextColumn({ nullable: true })
  timeZone: string | null;

  /** Null for the choice of the branding. */
  @TextColumn({ nullable: true })
  colorScheme: ColorScheme | null;

  @CreatedAtColumn()
  createdAt: Date;

  @RowVersionColumn()
  version: number;
}
