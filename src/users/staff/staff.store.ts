import { Injectable } from '@nestjs/common';
import { Pager } from '../../common/pagination/index.js';
import { MemberStore } from '../members/index.js';

@Injectable()
export class StaffStore extends MemberStore {
  constructor(pager: Pager) {
    super(pager, { name: 'operator_members', scope: ['operator_id'] });
  }
}
