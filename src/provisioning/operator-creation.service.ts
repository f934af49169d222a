import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { type CreateOperator, OperatorService, type OperatorView, toOperatorView } from '../operators/index.js';
import { PasswordResetService } from '../auth/identity/index.js';
import { MailOutbox } from '../mail/index.js';
import { StaffService, UserService } from '../users/index.js';

/** Creates operators with their first admin. */
@Injectable()
export class OperatorCreationService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly staff: StaffService,
    private readonly passwords: PasswordResetService,
    private readonly mails: MailOutbox,
  ) {}

  /** Creates an operator. Its admin gets a mail with a link to set the password. */
  async create(actor: Actor, input: CreateOperator): Promise<OperatorView> {
    const operator = await this.db.transaction((tx) => this.createIn(tx, actor, input));
    this.mails.wake();
    return operator;
  }

  private async createIn(tx: Tx, actor: Actor, input: CreateOperator): Promise<OperatorView> {
    const operator = await this.operators.create(tx, actor, input);
    const admin = await this.users.findOrInvite(tx, actor, operator.id, input.adminEmail);
    await this.staff.addFirst(tx, actor, operator.id, admin.id);
    await this.passwords.invite(tx, operator, admin);
    return toOperatorView(operator);
  }
}
