import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn } from '../../../database/index.js';
import type { ProviderName } from '../providers/payment-provider.js';

/** A saved payment method for automatic top-up. Only its id and display details are stored, never card data. */
@Entity('payment_methods')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Index('payment_methods_created_at_idx', ['organizationId', 'createdAt', 'id'])
export class SavedPaymentMethod {
  @PrimaryIdColumn()
  organizationId: string;

  /** The provider's id of the method. */
  @PrimaryColumn({ type: 'text' })
  id: string;

  @TextColumn()
  provider: ProviderName;

  /** The provider's id of the customer who owns the method. */
  @TextColumn({ nullable: true })
  customerId: string | null;

  @TextColumn({ nullable: true })
  brand: string | null;

  @TextColumn({ nullable: true })
  last4: string | null;

  @Column({ type: 'integer', nullable: true })
  expMonth: number | null;

  @Column({ type: 'integer', nullable: true })
  expYear: number | null;

  /** The top-up whose payment saved the method. Null for a shared method of the sandbox. */
  @IdColumn({ nullable: true })
  topUpId: string | null;

  @IdColumn()
  createdBy: string;

  @CreatedAtColumn()
  createdAt: Date;
}
