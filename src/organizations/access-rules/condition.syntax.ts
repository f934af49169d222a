import type { parse } from '@bufbuild/cel';
import { mailboxOf, normalizeDomain } from '../../common/validation/index.js';

/** An error in a condition, for its author. */
export class ConditionError extends Error {}

/** A condition that takes more time than it may. */
export class ConditionCostError extends ConditionError {}

/** Deeper than any sensible condition. The time for parsing grows with the depth, above all where brackets are missing. */
const MAX_DEPTH = 20;
const STRINGS = /(?<quote>"|')(?:\\.|(?!\k<quote>).)*\k<quote>/gs;

/** Rejects brackets that are nested too deeply, before the text is parsed. */
export function assertShallow(source: string): void {
  let depth = 0;
  for (const [character] of source.replace(STRINGS, '').matchAll(/[()[\]{}]/g)) {
    depth += '([{'.includes(character) ? 1 : -1;
    if (depth > MAX_DEPTH) throw new ConditionError(`brackets are nested more than ${MAX_DEPTH} levels deep`);
  }
}

type Expression = NonNullable<ReturnType<typeof parse>['expr']>;

const USER_FIELDS = ['email', 'emailDomain', 'name'];
const TYPES = ['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint'];

const defined = (parts: (Expression | undefined)[]): Expression[] => parts.filter((part) => part !== undefined);

function childrenOf({ exprKind: { case: kind, value } }: Expression): Expression[] {
  switch (kind) {
    case 'selectExpr':
      return defined([value.operand]);
    case 'callExpr':
      return defined([value.target, ...value.args]);
    case 'listExpr':
      return value.elements;
    case 'structExpr':
      return defined(
        value.entries.flatMap((entry) => [
          entry.keyKind.case === 'mapKey' ? entry.keyKind.value : undefined,
          entry.value,
        ]),
      );
    case 'comprehensionExpr':
      return defined([value.iterRange, value.accuInit, value.loopCondition, value.loopStep, value.result]);
    default:
      return [];
  }
}

/** Rejects unknown names and nested loops. One loop reads a list once. Nested loops would let a short text run forever. */
export function assertBounded(expression: Expression, names: readonly string[], inLoop = false): void {
  const { case: kind, value } = expression.exprKind;
  if (kind === 'identExpr' && !names.includes(value.name) && !TYPES.includes(value.name))
    throw new ConditionError(`${value.name} is unknown, use user, claims, OPERATOR_SLUG or ORG_…`);
  if (kind === 'selectExpr' && isName(value.operand, 'user') && !USER_FIELDS.includes(value.field))
    throw new ConditionError(`user has no ${value.field}, only ${USER_FIELDS.join(', ')}`);
  if (kind === 'structExpr' && value.messageName !== '')
    throw new ConditionError(`messages such as ${value.messageName} are not supported`);
  if (kind !== 'comprehensionExpr') {
    for (const child of childrenOf(expression)) assertBounded(child, names, inLoop);
    return;
  }
  if (inLoop) throw new ConditionError('a loop (all, exists, map, filter) cannot contain another loop');
  const inside = [...names, value.iterVar, value.iterVar2, value.accuVar];
  for (const child of childrenOf(expression)) assertBounded(child, inside, true);
}

const isName = (expression: Expression | undefined, name: string): boolean =>
  expression?.exprKind.case === 'identExpr' && expression.exprKind.value.name === name;

/** Recognizes `user.field` and `user["field"]`. */
function isUserField(expression: Expression | undefined, field: string): boolean {
  if (expression?.exprKind.case === 'callExpr' && expression.exprKind.value.function === '_[_]') {
    const [operand, key] = expression.exprKind.value.args;
    return isName(operand, 'user') && textOf(key) === field.toLowerCase();
  }
  return (
    expression?.exprKind.case === 'selectExpr' &&
    expression.exprKind.value.field === field &&
    isName(expression.exprKind.value.operand, 'user')
  );
}

function textOf(expression: Expression | undefined): string | null {
  if (expression?.exprKind.case !== 'constExpr') return null;
  const { constantKind } = expression.exprKind.value;
  return constantKind.case === 'stringValue' ? constantKind.value.toLowerCase() : null;
}

/** An address or a domain that a condition compares the user's address with. */
export interface NamedAddress {
  domain: string;
  /** The whole address, if the condition names one. */
  address: string | null;
}

const COMPARISONS = ['_==_', '_!=_', '@in', 'endsWith', 'startsWith', 'contains'];
const EXACT = ['_==_', '_!=_', '@in'];

const isEmailField = ({ exprKind: { case: kind, value } }: Expression): boolean => {
  if (kind === 'selectExpr') return isName(value.operand, 'user') && value.field.startsWith('email');
  if (kind !== 'callExpr' || value.function !== '_[_]') return false;
  const [operand, field] = value.args;
  return isName(operand, 'user') && (textOf(field)?.startsWith('email') ?? true);
};

const mentionsEmail = (expression: Expression): boolean =>
  isEmailField(expression) || childrenOf(expression).some(mentionsEmail);

const textsOf = (expression: Expression): string[] =>
  (expression.exprKind.case === 'listExpr' ? expression.exprKind.value.elements : [expression])
    .map(textOf)
    .filter((text) => text !== null);

function namedBy(text: string, comparison: string): NamedAddress[] {
  const exact = EXACT.includes(comparison);
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1).replace(/^\.+/, '');
  if (!domain || (at < 0 && !exact && (comparison === 'startsWith' || !domain.includes('.')))) return [];
  return [{ domain, address: exact && at > 0 ? text : null }];
}

/** Returns a text as the addresses and domains are stored that it is compared with. */
function normalizedText(text: string): string {
  const at = text.lastIndexOf('@');
  if (at > 0) return mailboxOf(text) ?? text;
  const [, start, domain] = /^(@?\.?)(.*)$/s.exec(text) ?? ['', '', ''];
  return (start ?? '') + (normalizeDomain(domain ?? '') || (domain ?? ''));
}

/** Normalizes the constants that are compared with an address or a domain as a whole or as its end. */
export function normalizeAddresses(expression: Expression): void {
  for (const child of childrenOf(expression)) normalizeAddresses(child);
  const { case: kind, value } = expression.exprKind;
  if (kind !== 'callExpr' || !(EXACT.includes(value.function) || value.function === 'endsWith')) return;
  const operands = defined([value.target, ...value.args]);
  if (!operands.some((one) => isUserField(one, 'email') || isUserField(one, 'emailDomain'))) return;
  for (const operand of operands.flatMap((one) =>
    one.exprKind.case === 'listExpr' ? one.exprKind.value.elements : [one],
  )) {
    if (operand.exprKind.case !== 'constExpr') continue;
    const { constantKind } = operand.exprKind.value;
    if (constantKind.case === 'stringValue') constantKind.value = normalizedText(constantKind.value);
  }
}

/**
 * Returns the addresses and domains that a condition names. It helps the author of a rule and limits nothing: an expression
 * can compare in ways that are not seen here.
 */
export function namedAddressesOf(expression: Expression): NamedAddress[] {
  const inside = childrenOf(expression).flatMap(namedAddressesOf);
  const { case: kind, value } = expression.exprKind;
  if (kind !== 'callExpr' || !COMPARISONS.includes(value.function)) return inside;
  const operands = defined([value.target, ...value.args]);
  if (!operands.some(mentionsEmail)) return inside;
  return [...inside, ...operands.flatMap(textsOf).flatMap((text) => namedBy(text, value.function))];
}

const domainIn = (text: string | null): string[] | null => {
  const at = text?.lastIndexOf('@') ?? -1;
  return text && at >= 0 && at < text.length - 1 ? [text.slice(at + 1)] : null;
};

/**
 * Returns the email domains of which one is required by the condition, null if unknown. A sign-in finds the rules of
 * organizations by these domains.
 */
export function requiredEmailDomains({ exprKind }: Expression): string[] | null {
  if (exprKind.case !== 'callExpr') return null;
  const { function: name, args, target } = exprKind.value;
  const [left, right] = args;
  if (!left) return null;
  if (name === 'endsWith' && isUserField(target, 'email')) return domainIn(textOf(left));
  if (!right) return null;
  const [one, other] = [() => requiredEmailDomains(left), () => requiredEmailDomains(right)];
  if (name === '_&&_') return one() ?? other();
  if (name === '_||_') {
    const [first, second] = [one(), other()];
    return first && second ? [...new Set([...first, ...second])] : null;
  }
  if (name === '@in' && isUserField(left, 'emailDomain') && right.exprKind.case === 'listExpr') {
    const texts = right.exprKind.value.elements.map(textOf);
    return texts.every((text) => text !== null) ? texts : null;
  }
  if (name !== '_==_') return null;
  for (const [field, value] of [
    [left, right],
    [right, left],
  ] as const) {
    const text = textOf(value);
    if (text !== null && isUserField(field, 'emailDomain')) return [text];
    if (text !== null && isUserField(field, 'email')) return domainIn(text);
  }
  return null;
}
