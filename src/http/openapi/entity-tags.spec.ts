import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  required?: string[];
  properties?: Record<string, Schema>;
}
interface Operation {
  parameters?: { name?: string; $ref?: string }[];
  responses?: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

const document = JSON.parse(readFileSync(path.join(process.cwd(), 'openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; parameters?: Record<string, { name: string }> };
};

const CHANGES = ['put', 'patch', 'delete'];

const nameOf = ({ name, $ref }: { name?: string; $ref?: string }): string | undefined =>
  $ref ? document.components.parameters?.[$ref.split('/').at(-1) ?? '']?.name : name;

const takesIfMatch = ({ parameters = [] }: Operation): boolean =>
  parameters.some((one) => nameOf(one)?.toLowerCase() === 'if-match');

function requires(schema: Schema | undefined, field: string): boolean {
  if (!schema) return false;
  if (schema.$ref) return requires(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''], field);
  if (schema.allOf?.some((one) => requires(one, field))) return true;
  return field in (schema.properties ?? {}) && (schema.required ?? []).includes(field);
}

/** SCIM says it in `meta.version` (RFC 7644). */
const conditional = Object.entries(document.paths).filter(
  ([route, item]) =>
    !route.includes('/scim/v2/') && CHANGES.some((method) => item[method] && takesIfMatch(item[method])),
);

it('is in the body of every resource whose changes take If-Match', () => {
  expect(conditional.length).toBeGreaterThan(25);
  const without = conditional.flatMap(([route, item]) =>
    ['get', ...CHANGES]
      .filter((method) => {
        const schema = item[method]?.responses?.['200']?.content?.['application/json']?.schema;
        return schema && !requires(schema, 'etag');
      })
      .map((method) => `${method} ${route}`),
  );
  expect(without).toEqual([]);
});

/** Here `version` is what users call a version of a document: in a request, and in items of lists, which cannot be changed. */
const OF_DOCUMENTS = ['ContentListItemView', 'ContentVersionItemView', 'PublishContent', 'ReceivedContentItemView'];

it('is in every view with a version', () => {
  const views = Object.entries(document.components.schemas).filter(
    ([name, { properties = {} }]) =>
      'version' in properties && !('schemas' in properties) && !OF_DOCUMENTS.includes(name),
  );
  expect(views.length).toBeGreaterThan(20);
  expect(views.filter(([, schema]) => !requires(schema, 'etag')).map(([name]) => name)).toEqual([]);
});
