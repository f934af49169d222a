import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn } from '../../../common/database/index.js';
import type { ProviderName } from '../providers/payment-provider.js';

/** What pays without the payer. The provider keeps what it is; here is what it is called. */
@Entity('payment_methods')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Index('payment_methods_created_at_idx', ['organizationId', 'createdAt', 'id'])
export class SavedPaymentMethod {
  @PrimaryIdColumn()
  organizationId: string;

  /** The provider's name of it. */
  @PrimaryColumn({ type: 'text' })
  id: string;

  @TextColumn()
  provider: ProviderName;

  /** Whose it is at the provider. */
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

  /** The one it was kept with; null: everybody has it. */
  @IdColumn({ nullable: true })
  topUpId: string | null;

  @IdColumn()
  createdBy: string;

  @CreatedAtColumn()
  createdAt: Date;
}
