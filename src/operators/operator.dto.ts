import { PageQuery } from '../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  EtagField,
  IntegerField,
  SlugField,
  TextField,
  TimeZoneField,
  UrlField,
  UuidField,
} from '../common/validation/index.js';
import type { Operator } from './operator.entity.js';
import { versionAndEtag } from '../http/index.js';

export const DELETION_GRACE_DAYS = 7;
const SORTS = ['name', '-name', 'slug', '-slug', 'createdAt', '-createdAt'] as const;

export class OperatorQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name or the slug.' })
  q?: string;

  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

export class CreateOperator {
  @SlugField({ description: 'Identifies the operator in every URL. Cannot be changed later.' })
  slug: string;

  @TextField({ max: 120, example: 'Acme Cloud' })
  name: string;

  @TimeZoneField({ optional: true, default: 'UTC' })
  timeZone?: string;

  @EmailField({ description: 'Address of the first admin. A link to set the password is mailed to it.' })
  adminEmail: string;
}

/** PUT: missing fields return to their defaults. */
export class PutOperator {
  @TextField({ max: 120, example: 'Acme Cloud' })
  name: string;

  @TimeZoneField({
    optional: true,
    default: 'UTC',
    description: 'The days until a purge are counted in this time zone.',
  })
  timeZone?: string;

  @EmailField({
    optional: true,
    nullable: true,
    description: 'Shown to users who need the help of operator staff.',
  })
  supportEmail?: string | null;

  @UrlField({ optional: true, nullable: true })
  supportUrl?: string | null;

  @TextField({
    max: 120,
    optional: true,
    default: 'Default',
    description: 'Name of the first unit of every new organization.',
  })
  defaultUnitName?: string;

  @IntegerField({
    min: 0,
    max: 1000,
    optional: true,
    default: 1,
    description: 'Limit of organizations that a user can create. 0 turns this off.',
  })
  selfServiceOrganizationLimit?: number;

  @BooleanField({
    optional: true,
    default: false,
    description: 'Whether admins of organizations may set `externalId`, which tokens carry as a signed claim.',
  })
  organizationsSetExternalId?: boolean;
}

export class OperatorView {
  @UuidField()
  id: string;

  @SlugField()
  slug: string;

  @TextField()
  name: string;

  @TimeZoneField()
  timeZone: string;

  @EmailField({ nullable: true })
  supportEmail: string | null;

  @UrlField({ nullable: true })
  supportUrl: string | null;

  @TextField()
  defaultUnitName: string;

  @IntegerField({ min: 0, max: 1000 })
  selfServiceOrganizationLimit: number;

  @BooleanField({ description: 'Whether admins of organizations may set `externalId`.' })
  organizationsSetExternalId: boolean;

  @IntegerField({ min: 7, max: 7, description: 'Calendar days until a deleted organization is purged.' })
  deletionGraceDays: number;

  @DateTimeField()
  createdAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647, description: 'Raised by every change. Also the ETag.' })
  version: number;

  @EtagField()
  etag: string;
}

export const toOperatorView = (operator: Operator): OperatorView => ({
  id: operator.id,
  slug: operator.slug,
  name: operator.name,
  timeZone: operator.timeZone,
  supportEmail: operator.supportEmail,
  supportUrl: operator.supportUrl,
  defaultUnitName: operator.defaultUnitName,
  selfServiceOrganizationLimit: operator.selfServiceOrganizationLimit,
  organizationsSetExternalId: operator.organizationsSetExternalId,
  deletionGraceDays: DELETION_GRACE_DAYS,
  createdAt: operator.createdAt.toISOString(),
  ...versionAndEtag(operator.version),
});
