import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsObject, IsString, ValidateNested } from 'class-validator';
import { ROLES, type Role } from '../../common/access/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  EtagField,
  IntegerField,
  ListField,
  ObjectField,
  ObjectListField,
  TextField,
  UuidField,
  UuidListField,
} from '../../common/validation/index.js';
import { RoleIdsField } from '../roles/role.dto.js';
import { INVITATION_STATUSES, type InvitationRow, type InvitationStatus } from './invitation.types.js';
import { versionAndEtag } from '../../http/index.js';

const SORTS = ['createdAt', '-createdAt', 'email', '-email', 'expiresAt', '-expiresAt'] as const;
const MAX_BULK = 200;
const MAX_UNITS = 50;
const DAY_SECONDS = 24 * 3600;
export const DEFAULT_TTL_SECONDS = 7 * DAY_SECONDS;

export class InvitationQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the email address.' })
  q?: string;

  @EnumField(INVITATION_STATUSES, { optional: true, name: 'InvitationStatus' })
  status?: InvitationStatus;

  @EnumField(SORTS, { optional: true, default: '-createdAt' })
  sort?: (typeof SORTS)[number];
}

export class CreateInvitation {
  @EmailField()
  email: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @RoleIdsField('Functional and custom roles, by id or key.')
  roleIds?: string[];

  @UuidListField({
    max: MAX_UNITS,
    optional: true,
    description: 'Units in which the invited user gets the role user.',
  })
  unitIds?: string[];

  @TextField({ max: 1000, multiline: true, optional: true, description: 'Included in the mail.' })
  message?: string;

  @IntegerField({ min: 60, max: 30 * DAY_SECONDS, optional: true, default: DEFAULT_TTL_SECONDS })
  expiresInSeconds?: number;

  @BooleanField({ optional: true, default: false, description: 'Replaces an open invitation of the address.' })
  replace?: boolean;
}

const eachInvitation = applyDecorators(
  IsObject({ each: true }),
  ValidateNested({ each: true }),
  Type(() => CreateInvitation),
) as PropertyDecorator;

export class CreateInvitations {
  @ListField(eachInvitation, { max: MAX_BULK, of: CreateInvitation })
  items: CreateInvitation[];
}

class InviterView {
  @EnumField(['user', 'api_key'])
  type: 'user' | 'api_key';

  @UuidField()
  id: string;

  @TextField()
  name: string;
}

/** The token is only in the mail. */
export class InvitationView {
  @UuidField()
  id: string;

  @EmailField()
  email: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }), { description: 'Functional and custom roles, by id.' })
  roleIds: string[];

  @ListField(IsString({ each: true }), { description: 'The same roles, by key.' })
  roles: string[];

  @UuidListField()
  unitIds: string[];

  @TextField({ max: 1000, multiline: true, nullable: true })
  message: string | null;

  @EnumField(INVITATION_STATUSES, { name: 'InvitationStatus' })
  status: InvitationStatus;

  @ObjectField(() => InviterView)
  invitedBy: InviterView;

  @UuidField({ nullable: true })
  acceptedBy: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  expiresAt: string;

  @DateTimeField({ nullable: true, description: 'When it was accepted, declined or revoked.' })
  decidedAt: string | null;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}

export class InvitationResult {
  @EmailField()
  email: string;

  @EnumField(['created', 'refused'])
  status: 'created' | 'refused';

  @ObjectField(() => InvitationView, { optional: true })
  invitation?: InvitationView;

  @TextField({ optional: true, description: 'Why it was refused, as in an error response.' })
  code?: string;

  @TextField({ optional: true, max: 1000 })
  detail?: string;
}

export class InvitationResults {
  @ObjectListField(() => InvitationResult, { description: 'In the order of the items.' })
  results: InvitationResult[];
}

export const toInvitationView = (row: InvitationRow): InvitationView => ({
  id: row.id,
  email: row.email,
  role: row.role,
  roleIds: row.roleIds,
  roles: row.roleKeys,
  unitIds: row.unitIds,
  message: row.message,
  status: row.status,
  invitedBy: { type: row.byApiKey ? 'api_key' : 'user', id: row.invitedBy, name: row.inviterName ?? '' },
  acceptedBy: row.acceptedBy,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  decidedAt: row.decidedAt?.toISOString() ?? null,
  ...versionAndEtag(row.version),
});
