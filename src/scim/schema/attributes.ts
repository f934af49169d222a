/** Attributes as RFC 7643 describes them, from which the Schemas endpoint, the reading of bodies and paths follow. */
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
  subAttributes?: Attribute[];
}

export interface Schema {
  id: string;
  name: string;
  description: string;
  attributes: Attribute[];
}

type Traits = Partial<Omit<Attribute, 'name' | 'description'>>;

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

/** `value`, `type`, `display`, `primary`, as most lists have. */
const plural = (name: string, description: string, traits: Traits = {}): Attribute =>
  complex(
    name,
    description,
    [
      one('value', 'The value itself.', traits),
      one('type', 'What it is for: work, home, other.'),
      one('display', 'As it is shown.'),
      one('primary', 'Whether it is the one to use. At most one is.', { type: 'boolean' }),
    ],
    { multiValued: true },
  );

const readOnly: Traits = { mutability: 'readOnly' };

export const USER_URN = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_URN = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_URN = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Of every resource; read-only, and not part of a schema. */
export const COMMON: Attribute[] = [
  one('schemas', 'Which schemas describe the resource.', {
    type: 'reference',
    multiValued: true,
    returned: 'always',
  }),
  one('id', 'Given by this service.', { ...readOnly, caseExact: true, returned: 'always', uniqueness: 'server' }),
  complex(
    'meta',
    'About the resource.',
    [
      one('resourceType', 'User or Group.', readOnly),
      one('created', 'When it came.', { ...readOnly, type: 'dateTime' }),
      one('lastModified', 'When it last changed.', { ...readOnly, type: 'dateTime' }),
      one('location', 'Its address.', { ...readOnly, type: 'reference' }),
      one('version', 'Its ETag.', readOnly),
    ],
    readOnly,
  ),
];

const externalId = one('externalId', 'What the identity provider calls it.', { caseExact: true });

export const USER: Schema = {
  id: USER_URN,
  name: 'User',
  description: 'A person of the organization: active is who is a member.',
  attributes: [
    one('userName', 'How the identity provider tells people apart, usually the mail address.', {
      required: true,
      uniqueness: 'server',
    }),
    externalId,
    complex('name', 'The parts of the name.', [
      one('formatted', 'The whole name.'),
      one('familyName', 'The family name.'),
      one('givenName', 'The given name.'),
      one('middleName', 'Names in between.'),
      one('honorificPrefix', 'As in Dr.'),
      one('honorificSuffix', 'As in III.'),
    ]),
    one('displayName', 'The name as it is shown.'),
    one('nickName', 'What others call him.'),
    one('profileUrl', 'A page about him.', { type: 'reference' }),
    one('title', 'The job title.'),
    one('userType', 'Such as Contractor or Employee.'),
    one('preferredLanguage', 'As in Accept-Language.'),
    one('locale', 'For dates and figures.'),
    one('timezone', 'As in the tz database.'),
    one('active', 'Whether he is a member and so can come in. False takes him out at once.', { type: 'boolean' }),
    plural('emails', 'Mail addresses. The primary one is that of the account.'),
    plural('phoneNumbers', 'Phone numbers.'),
    plural('ims', 'Addresses of messengers.'),
    plural('photos', 'Addresses of pictures.', { type: 'reference' }),
    complex(
      'addresses',
      'Postal addresses.',
      [
        one('formatted', 'The whole address.'),
        one('streetAddress', 'Street and number.'),
        one('locality', 'City.'),
        one('region', 'State or region.'),
        one('postalCode', 'Postal code.'),
        one('country', 'As in ISO 3166-1.'),
        one('type', 'What it is for: work, home, other.'),
        one('primary', 'Whether it is the one to use.', { type: 'boolean' }),
      ],
      { multiValued: true },
    ),
    plural('entitlements', 'Kept as they come; they give nothing here.'),
    plural('roles', 'Kept as they come; they give nothing here: groups do.'),
    complex(
      'groups',
      'The groups he is in.',
      [
        one('value', 'The id of the group.', readOnly),
        one('$ref', 'Its address.', { ...readOnly, type: 'reference' }),
        one('display', 'Its displayName.', readOnly),
        one('type', 'Always direct.', readOnly),
      ],
      { ...readOnly, multiValued: true },
    ),
  ],
};

export const ENTERPRISE: Schema = {
  id: ENTERPRISE_URN,
  name: 'EnterpriseUser',
  description: 'What companies add to people.',
  attributes: [
    one('employeeNumber', 'The number of the employee.'),
    one('costCenter', 'The cost center.'),
    one('organization', 'The organization.'),
    one('division', 'The division.'),
    one('department', 'The department.'),
    complex('manager', 'Whom he reports to.', [
      one('value', 'His id at the identity provider.'),
      one('$ref', 'His address.', { type: 'reference' }),
      one('displayName', 'His name.'),
    ]),
  ],
};

export const GROUP: Schema = {
  id: GROUP_URN,
  name: 'Group',
  description: 'A group of people. What it gives is said in the SCIM settings of the organization, by its displayName.',
  attributes: [
    one('displayName', 'The name, by which its grants are found.', { required: true, uniqueness: 'server' }),
    externalId,
    complex(
      'members',
      'The users in it.',
      [
        one('value', 'The id of the user.', { mutability: 'immutable', caseExact: true }),
        one('$ref', 'His address.', { type: 'reference', mutability: 'immutable' }),
        one('display', 'His name.', readOnly),
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

/** Names are compared without case (RFC 7643, 2.1). */
export const named = (attributes: readonly Attribute[], name: string): Attribute | undefined =>
  attributes.find((known) => known.name.toLowerCase() === name.toLowerCase());

/** What a path outside of brackets leads to. */
export interface Target {
  /** Null: an attribute of the core schema, or a common one. */
  extension: Schema | null;
  /** Null: the extension as a whole. */
  attribute: Attribute | null;
  sub: Attribute | null;
}

/** `name.givenName`, `urn:…:User:name`, `urn:…:enterprise:2.0:User:manager.displayName`; null when it leads nowhere. */
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
