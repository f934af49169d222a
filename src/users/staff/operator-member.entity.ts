import { Check, Entity, ForeignKey, Index } from 'typeorm';
import type { Role } from '../../common/access/index.js';
import { CreatedAtColumn, PrimaryIdColumn, RowVersionColumn, TextColumn } from '../../database/index.js';

@Entity('operator_members')
@ForeignKey('Operator', ['operatorId'], ['id'])
@ForeignKey('User', ['userId'], ['id'])
@Index('operator_members_user_id_idx', ['userId'])
@Check('operator_members_role_check', "role in ('user', 'manager', 'admin')")
export class OperatorMember {
  @PrimaryIdColumn()
  operatorId: string;

  @PrimaryIdColumn()
  userId: string;

  @TextColumn()
  role: Role;

  @CreatedAtColumn()
  joinedAt: Date;

  @RowVersionColumn()
  version: number;
}
