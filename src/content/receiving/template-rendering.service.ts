import { Injectable } from '@nestjs/common';
import { commonErrors, type FieldError } from '../../common/errors/index.js';
import { Database } from '../../database/index.js';
import { isReservedKey, KEY_SOURCE, VariableService } from '../../variables/index.js';
import { contentErrors } from '../model/content.errors.js';
import { valueFault } from '../model/content.fields.js';
import type { FieldValue } from '../model/content.types.js';
import { ContentRenderer, type Rendered } from '../rendering/content-renderer.service.js';
import type { PlaceholderValue } from '../rendering/placeholders.js';
import { MAX_GIVEN, type RenderTemplate } from './received-content.dto.js';
import { ReceivedContentService, type ReceiverAccess } from './received-content.service.js';
import { resolveFields } from './received-fields.js';

const KEY = new RegExp(`^${KEY_SOURCE}$`);

const textOf = (value: FieldValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Renders templates for organizations and their units. */
@Injectable()
export class TemplateRenderingService {
  constructor(
    private readonly db: Database,
    private readonly received: ReceivedContentService,
    private readonly variables: VariableService,
    private readonly renderer: ContentRenderer,
  ) {}

  /**
   * Renders a template with the variables of the tree, its fields, and those that are given, in ascending order of precedence.
   * Secret variables are missing. Locked fields and built-in variables cannot be replaced.
   */
  async render(
    access: ReceiverAccess,
    id: string,
    { unitId = access.unitId, variables = {} }: RenderTemplate,
  ): Promise<Rendered> {
    const { reader } = this.db;
    const { organizationId, operator } = access;
    const row = await this.received.find(reader, access, 'template', id);
    const path = await this.received.pathOf(reader, access, unitId);
    const { values: fields, locked } = resolveFields(row.fields, row.overrides ?? {}, path);
    assertGiven(variables);
    const [name] = Object.keys(variables).filter((given) => given in locked || isLocked(row.fields, given));
    if (name !== undefined) throw contentErrors.field_locked({ data: { locked: { [name]: path.operator } } });
    const values = new Map<string, PlaceholderValue>();
    const tree = await this.variables.effective(reader, { operatorId: operator.id, organizationId, unitId });
    for (const [key, { value, secret }] of tree) if (!secret) values.set(key, { text: value });
    for (const { name: field, type } of row.fields) {
      const value = fields[field] ?? null;
      if (value === null) values.delete(field);
      else values.set(field, { text: textOf(value), markdown: type === 'markdown' });
    }
    for (const [key, text] of Object.entries(variables)) values.set(key, { text });
    return this.renderer.render(organizationId, row, Object.fromEntries(values));
  }
}

const isLocked = (fields: readonly { name: string; locked: boolean }[], name: string): boolean =>
  fields.some((field) => field.name === name && field.locked);

function assertGiven(variables: Record<string, unknown>): void {
  const names = Object.keys(variables);
  const errors = names.flatMap((name): FieldError[] => {
    const field = `variables.${name}`;
    if (!KEY.test(name))
      return [{ field, code: 'invalid_format', params: { format: 'key' }, message: `${field} is not a valid name` }];
    if (isReservedKey(name)) return [{ field, code: 'reserved', message: `${field} begins like a built-in variable` }];
    const fault = valueFault(field, 'text', variables[name] as FieldValue);
    return fault ? [fault] : [];
  });
  if (names.length > MAX_GIVEN)
    errors.push({
      field: 'variables',
      code: 'too_many',
      params: { max: MAX_GIVEN },
      message: `variables must be at most ${MAX_GIVEN}`,
    });
  if (errors.length > 0) throw commonErrors.validation_failed({ errors: errors.slice(0, 50) });
}
