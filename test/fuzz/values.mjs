import {
  edgeTexts,
  HOSTILE_CHARACTERS,
  HOSTILE_FIELDS,
  HOSTILE_JSON,
  HOSTILE_TEXTS,
  HOSTILE_TIMES,
  HOSTILE_UUIDS,
  HOSTILE_ZONES,
  Raw,
} from './hostile.mjs';

/** Values issued by the server or created with the scene, by kind. New values replace older ones. */
export class Known {
  constructor() {
    this.kinds = new Map();
  }

  add(kind, value) {
    if (typeof value !== 'string' || value === '') return;
    const list = this.kinds.get(kind) ?? [];
    if (list.includes(value)) return;
    list.push(value);
    if (list.length > 60) list.splice(20, 1);
    this.kinds.set(kind, list);
  }

  /** Picks a value. Half of the picks are among the first of a kind, which are those of the scene. */
  pick(kind, random) {
    const list = this.kinds.get(kind);
    if (!list) return null;
    return random.chance(0.5) ? list[random.int(0, Math.min(2, list.length - 1))] : random.pick(list);
  }
}

/** Fields and parameters whose valid values only the server knows, by name. */
const KIND_OF_NAME = {
  operator: 'operatorSlug',
  operatorId: 'operatorId',
  orgId: 'orgId',
  organizationId: 'orgId',
  unitId: 'unitId',
  userId: 'userId',
  actorId: 'userId',
  newAdminUserId: 'userId',
  sessionId: 'sessionId',
  logoId: 'logoId',
  cursor: 'cursor',
  refreshToken: 'refreshToken',
  selectionToken: 'selectionToken',
  token: 'token',
  password: 'password',
  email: 'email',
  adminEmail: 'email',
  confirmName: 'name',
  organization: 'slug',
  unit: 'slug',
  subjectId: 'orgId',
  preset: 'presetKey',
  nextPlanId: 'planId',
  fields: 'brandingFields',
};

/** Fields whose values are collected under their own name from any response. */
const LEARNED = /(?:Id|Key|Token)$|^key$/;

export const resolve = (document, schema = {}) => {
  const { $ref, allOf, ...rest } = schema;
  const parts = [...(allOf ?? []), ...($ref ? [{ $ref }] : [])];
  return parts.reduce(
    (whole, part) => ({ ...(part.$ref ? resolve(document, lookUp(document, part.$ref)) : part), ...whole }),
    rest,
  );
};

/** Requests take days and times by one pattern. */
const isInstant = (pattern) => pattern?.startsWith('^\\d{4}-\\d\\d-\\d\\d(?:T') === true;

const lookUp = (document, reference) =>
  reference
    .slice(2)
    .split('/')
    .reduce((value, key) => value?.[key.replaceAll('~1', '/')], document);

/** Generates values for the schemas of one OpenAPI document. */
export class Values {
  constructor(document, known) {
    this.document = document;
    this.known = known;
  }

  /** Generates a valid value, as far as the schema defines it. */
  valid(schema, name, random) {
    const one = resolve(this.document, schema);
    if (one.nullable && random.chance(0.1)) return null;
    const kind = KIND_OF_NAME[name] ?? (LEARNED.test(name) ? name : null);
    const known = kind && random.chance(0.85) ? this.known.pick(kind, random) : null;
    if (known !== null) return known;
    if (one.enum) return random.pick(one.enum);
    if (one.type === 'boolean') return random.chance(0.5);
    if (one.type === 'integer' || one.type === 'number')
      return random.int(one.minimum ?? 0, Math.min(one.maximum ?? 100, 10_000));
    if (one.type === 'array') return this.validList(one, name, random);
    if (one.type === 'object' || one.properties) return this.validObject(one, random);
    return this.validText(one, name, random);
  }

  validList(schema, name, random) {
    const { items = {}, minItems = 0, maxItems = 5, example } = schema;
    if (Array.isArray(example) && random.chance(0.7)) return example;
    return Array.from({ length: random.int(minItems, Math.min(maxItems, 4)) }, () => this.valid(items, name, random));
  }

  validObject(schema, random) {
    const { properties = {}, required = [] } = schema;
    const names = Object.keys(properties).filter((name) => required.includes(name) || random.chance(0.4));
    return Object.fromEntries(names.map((name) => [name, this.valid(properties[name], name, random)]));
  }

  validText({ format, pattern, minLength = 1, maxLength = 100, example }, name, random) {
    if (format === 'uuid') return random.uuid();
    if (format === 'email') return `${random.text(8)}@fuzz.example`;
    if (format === 'uri') return `https://${random.text(6)}.example.com/${random.text(3)}`;
    if (format === 'date-time' || isInstant(pattern))
      return new Date(Date.UTC(2026, 0, 1) + random.int(0, 10 ** 10)).toISOString();
    if (name === 'timeZone') return random.pick(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns']);
    if (/color/i.test(name)) return `#${random.text(6, '0123456789abcdef')}`;
    if (name === 'slug' || pattern?.startsWith('^[a-z0-9]')) return `s-${random.text(10)}`;
    if (pattern && typeof example === 'string') return example;
    return random.text(Math.max(minLength, Math.min(maxLength, random.int(minLength, 24))), 'abcdefghij klmnöß漢字');
  }

  /** Generates a text that is invalid or barely valid. */
  badText(schema, name, random) {
    const one = resolve(this.document, schema);
    if (random.chance(0.3)) return this.corrupted(String(this.valid(one, name, random)), random);
    const lists = [edgeTexts(one), HOSTILE_TEXTS];
    if (one.format === 'uuid' || name.endsWith('Id')) lists.push(HOSTILE_UUIDS, HOSTILE_UUIDS);
    if (one.format === 'date-time' || isInstant(one.pattern) || ['from', 'to'].includes(name))
      lists.push(HOSTILE_TIMES, HOSTILE_TIMES);
    if (name === 'timeZone') lists.push(HOSTILE_ZONES, HOSTILE_ZONES);
    if (name === 'cursor') lists.push([this.bentCursor(random)]);
    if (one.maximum !== undefined)
      lists.push([`${one.maximum + 1}`, `${(one.minimum ?? 0) - 1}`, '1.5', '1e2', '٣', '0x10', '+1', ' 1']);
    return random.pick(random.pick(lists));
  }

  /** Inserts a hostile character into a valid text, so that it passes the first checks. */
  corrupted(text, random) {
    const at = random.int(0, text.length);
    return text.slice(0, at) + random.pick(HOSTILE_CHARACTERS) + text.slice(at + random.int(0, 1));
  }

  /** Generates any JSON in place of a value. */
  badJson(schema, name, random) {
    const one = resolve(this.document, schema);
    if (random.chance(0.5)) return this.badText(one, name, random);
    if (one.type === 'array' && random.chance(0.5)) {
      const item = this.valid(one.items ?? {}, name, random);
      return random.pick([
        [item, item],
        Array.from({ length: 500 }, () => item),
        [[item]],
        [random.pick(HOSTILE_JSON)],
      ]);
    }
    if (one.maximum !== undefined && random.chance(0.5)) {
      return random.pick([
        one.maximum,
        one.maximum + 1,
        (one.minimum ?? 0) - 1,
        one.minimum ?? 0,
        1.5,
        String(one.maximum),
      ]);
    }
    return random.pick(HOSTILE_JSON);
  }

  /** Generates a valid body and breaks it in `count` places, at any depth. */
  bentBody(schema, random, count) {
    const body = this.valid(schema, '', random) ?? {};
    const { properties = {} } = resolve(this.document, schema);
    for (let left = count; left > 0; left--) {
      const name = random.pick(Object.keys(properties)) ?? 'name';
      const inner = resolve(this.document, properties[name]);
      const way = random.weighted([
        [7, 'value'],
        [1, 'missing'],
        [1, 'field'],
        [inner.properties ? 3 : 0, 'inside'],
      ]);
      if (way === 'value') body[name] = this.badJson(properties[name], name, random);
      else if (way === 'missing') delete body[name];
      else if (way === 'inside') body[name] = this.bentBody(inner, random, 1);
      else setOwn(body, random.pick(HOSTILE_FIELDS), random.pick(HOSTILE_JSON));
    }
    return body;
  }

  bentCursor(random) {
    const cursor = this.known.pick('cursor', random) ?? 'WyIxIiwiMSJd.AAAA';
    const at = random.int(0, cursor.length - 1);
    return random.pick([
      `${cursor}x`,
      cursor.slice(0, at),
      cursor.slice(0, at) + random.pick(['A', '.', '_', ' ', '%']) + cursor.slice(at + 1),
      cursor.split('.')[0],
      `.${cursor.split('.')[1]}`,
      `${cursor}.${cursor}`,
    ]);
  }
}

/** Sets an own field, whatever its name, including `__proto__`. */
const setOwn = (object, name, value) =>
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });

/** JSON.stringify that inserts `Raw` unchanged. */
export function toJson(value) {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return `{${Object.entries(value)
    .map(([name, inner]) => `${JSON.stringify(name)}:${toJson(inner)}`)
    .join(',')}}`;
}
