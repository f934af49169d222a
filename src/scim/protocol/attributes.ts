/** Describes an attribute as RFC 7643 does. The Schemas endpoint, the parsing of bodies and the resolution of paths use it. */
export interface Attribute {
  name: string;
  type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'complex';
  multiValued: boolean;
  description: string;
  required: boolean;
  caseExact: boolean;
  mutability: 'readWrite' | 'readOnly' | 'immutable';
  returned: 'default' | 'always';
  uniqueness: 'none' | 'server';
  /** What a reference may name. Only and always with the type `reference` (RFC 7643, 7). */
  referenceTypes?: ('User' | 'Group' | 'external' | 'uri')[];
  subAttributes?: Attribute[];
}

export interface Schema {
  id: string;
  name: string;
  description: string;
  attributes: Attribute[];
}

type Traits = Partial<Omit<Attribute, 'name' | 'description'>>;

const referenceTo = (...referenceTypes: NonNullable<Attribute['referenceTypes']>): Traits => ({
  type: 'reference',
  referenceTypes,
});

const one = (name: string, description: string, traits: Traits = {}): Attribute => ({
  name,
  type: 'string',
  multiValued: false,
  description,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...traits,
});

const complex = (name: string, description: string, subAttributes: Attribute[], traits: Traits = {}): Attribute =>
  one(name, description, { type: 'complex', subAttributes, ...traits });

/** Builds a list whose items have `value`, `type`, `display` and `primary`, as most lists of RFC 7643. */
const plural = (name: string, description: string, traits: Traits = {}): Attribute =>
  complex(
    name,
    description,
    [
      one('value', 'The value itself.', traits),
      one('type', 'The kind of value: work, home or other.'),
      one('display', 'The value for display.'),
      one('primary', 'Whether this is the preferred value. At most one value is primary.', { type: 'boolean' }),
    ],
    { multiValued: true },
  );

const readOnly: Traits = { mutability: 'readOnly' };

export const USER_URN = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_URN = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_URN = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Attributes of every resource. They are read-only and not part of a schema. */
export const COMMON: Attribute[] = [
  one('schemas', 'URNs of the schemas that describe the resource.', {
    ...referenceTo('uri'),
    multiValued: true,
    returned: 'always',
  }),
  one('id', 'Unique id, assigned by this service.', {
    ...readOnly,
    caseExact: true,
    returned: 'always',
    uniqueness: 'server',
  }),
  complex(
    'meta',
    'Metadata of the resource.',
    [
      one('resourceType', 'User or Group.', readOnly),
      one('created', 'Time of creation.', { ...readOnly, type: 'dateTime' }),
      one('lastModified', 'Time of the last change.', { ...readOnly, type: 'dateTime' }),
      one('location', 'URL of the resource.', { ...readOnly, ...referenceTo('uri') }),
      one('version', 'ETag of the resource.', readOnly),
    ],
    readOnly,
  ),
];

const externalId = one('externalId', 'Id of the resource at the identity provider.', { caseExact: true });

export const USER: Schema = {
  id: USER_URN,
  name: 'User',
  description: 'A user of the organization. Active users are its members.',
  attributes: [
    one('userName', 'Unique name of the user at the identity provider, usually the email address.', {
      required: true,
      uniqueness: 'server',
    }),
    externalId,
    complex('name', 'Components of the name.', [
      one('formatted', 'The full name.'),
      one('familyName', 'The family name.'),
      one('givenName', 'The given name.'),
      one('middleName', 'Middle names.'),
      one('honorificPrefix', 'Title before the name, such as Dr.'),
      one('honorificSuffix', 'Suffix after the name, such as III.'),
    ]),
    one('displayName', 'The name for display.'),
    one('nickName', 'The nickname.'),
    one('profileUrl', 'URL of the profile page.', referenceTo('external')),
    one('title', 'The job title.'),
    one('userType', 'Relation to the organization, such as Contractor or Employee.'),
    one('preferredLanguage', 'Preferred languages, in the format of Accept-Language.'),
    one('locale', 'Locale for dates and numbers.'),
    one('timezone', 'Time zone of the tz database.'),
    one('active', 'Whether the user is a member. False ends the membership at once.', { type: 'boolean' }),
    plural('emails', 'Email addresses. The primary one is the address of the account.'),
    plural('phoneNumbers', 'Phone numbers.'),
    plural('ims', 'Instant messaging addresses.'),
    plural('photos', 'URLs of pictures.', referenceTo('external')),
    complex(
      'addresses',
      'Postal addresses.',
      [
        one('formatted', 'The full address.'),
        one('streetAddress', 'Street and number.'),
        one('locality', 'City.'),
        one('region', 'State or region.'),
        one('postalCode', 'Postal code.'),
        one('country', 'Country code of ISO 3166-1.'),
        one('type', 'The kind of value: work, home or other.'),
        one('primary', 'Whether this is the preferred value.', { type: 'boolean' }),
      ],
      { multiValued: true },
    ),
    plural('entitlements', 'Stored as received. They grant nothing.'),
    plural('roles', 'Stored as received. They grant nothing; groups do.'),
    complex(
      'groups',
      'Groups of the user.',
      [
        one('value', 'Id of the group.', readOnly),
        one('$ref', 'URL of the group.', { ...readOnly, ...referenceTo('Group') }),
        one('display', 'The displayName of the group.', readOnly),
        one('type', 'Always direct.', readOnly),
      ],
      { ...readOnly, multiValued: true },
    ),
  ],
};

export const ENTERPRISE: Schema = {
  id: ENTERPRISE_URN,
  name: 'EnterpriseUser',
  description: 'Attributes of users in companies.',
  attributes: [
    one('employeeNumber', 'The employee number.'),
    one('costCenter', 'The cost center.'),
    one('organization', 'The organization.'),
    one('division', 'The division.'),
    one('department', 'The department.'),
    complex('manager', 'The manager of the user.', [
      one('value', 'Id of the manager at the identity provider.'),
      one('$ref', 'URL of the user.', referenceTo('User')),
      one('displayName', 'Name of the user.'),
    ]),
  ],
};

export const GROUP: Schema = {
  id: GROUP_URN,
  name: 'Group',
  description: 'A group of users. The SCIM settings of the organization say by its displayName what it grants.',
  attributes: [
    one('displayName', 'The name, by which its grants are found.', { required: true, uniqueness: 'server' }),
    externalId,
    complex(
      'members',
      'Users in the group.',
      [
        one('value', 'Id of the user.', { mutability: 'immutable', caseExact: true }),
        one('$ref', 'URL of the user.', { ...referenceTo('User'), mutability: 'immutable' }),
        one('display', 'Name of the user.', readOnly),
        one('type', 'Always User.', { mutability: 'immutable' }),
      ],
      { multiValued: true },
    ),
  ],
};

export interface ResourceType {
  schema: Schema;
  extensions: Schema[];
}

export const USER_TYPE: ResourceType = { schema: USER, extensions: [ENTERPRISE] };
export const GROUP_TYPE: ResourceType = { schema: GROUP, extensions: [] };

/** Finds an attribute by name, ignoring case (RFC 7643, 2.1). */
export const named = (attributes: readonly Attribute[], name: string): Attribute | undefined =>
  attributes.find((known) => known.name.toLowerCase() === name.toLowerCase());

/** The attribute that a path without a value filter names. */
export interface Target {
  /** Null for attributes of the core schema and common ones. */
  extension: Schema | null;
  /** Null for the extension as a whole. */
  attribute: Attribute | null;
  sub: Attribute | null;
}

/** Resolves paths such as `name.givenName` or `urn:…:enterprise:2.0:User:manager.displayName`. Returns null for unknown ones. */
export function targetOf(type: ResourceType, path: string): Target | null {
  const lower = path.toLowerCase();
  const schema = [type.schema, ...type.extensions].find(
    ({ id }) => lower === id.toLowerCase() || lower.startsWith(`${id.toLowerCase()}:`),
  );
  const rest = schema ? path.slice(schema.id.length + 1) : path;
  const extension = schema && schema !== type.schema ? schema : null;
  if (rest === '') return extension ? { extension, attribute: null, sub: null } : null;
  const [name = '', subName, ...more] = rest.split('.');
  if (more.length > 0) return null;
  const attributes = extension ? extension.attributes : [...COMMON, ...type.schema.attributes];
  const attribute = named(attributes, name);
  if (!attribute) return null;
  const sub = subName === undefined ? null : named(attribute.subAttributes ?? [], subName);
  return sub === undefined ? null : { extension, attribute, sub };
}
