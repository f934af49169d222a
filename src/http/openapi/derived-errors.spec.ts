import { derivedErrors, type OperationFacts } from './derived-errors.js';

const facts = (changes: Partial<OperationFacts>): OperationFacts => ({
  path: '/t/{operator}/api/v1/admin/organizations/{orgId}',
  method: 'get',
  rule: { level: 'organization', permission: 'organization:read' },
  unlimited: false,
  idempotency: 'none',
  conditional: false,
  paged: false,
  ...changes,
});
const codesOf = (changes: Partial<OperationFacts>) => new Set(derivedErrors(facts(changes)));

it('derives what access may refuse', () => {
  expect([...codesOf({})]).toEqual(
    expect.arrayContaining([
      'auth.unauthenticated',
      'auth.invalid_token',
      'auth.forbidden',
      'auth.mfa_required',
      'operators.not_found',
      'organizations.not_found',
      'organizations.pending_deletion',
      'organizations.suspended',
    ]),
  );
  expect(codesOf({ rule: { level: 'public' } })).not.toContain('auth.unauthenticated');
});

it('follows the options of the rule', () => {
  const rule = { level: 'organization', permission: 'x', whileDeleted: true, whileSuspended: true } as const;
  const open = codesOf({ rule });
  expect(open).not.toContain('organizations.pending_deletion');
  expect(open).not.toContain('organizations.suspended');
  expect(open).toContain('auth.step_up_required');
  expect(open).not.toContain('auth.user_required');
  const strict = codesOf({ rule: { ...rule, freshProof: true, personOnly: true } });
  expect(strict).toContain('auth.step_up_required');
  expect(strict).toContain('auth.user_required');
  expect(codesOf({ rule: { level: 'account', withoutOwnProof: 'allowed' } })).not.toContain('auth.step_up_required');
});

it('knows units, writes, limits and keys', () => {
  expect(codesOf({ path: '/t/{operator}/{orgId}/{unitId}' })).toContain('units.not_found');
  expect(codesOf({ method: 'delete' })).not.toContain('precondition_failed');
  expect(codesOf({ method: 'delete', conditional: true })).toContain('precondition_failed');
  expect(codesOf({ unlimited: true })).toContain('rate_limited');
  expect(codesOf({ unlimited: true, rule: { level: 'public' } })).not.toContain('rate_limited');
  expect(codesOf({ method: 'post', idempotency: 'frame' })).toContain('idempotency.in_progress');
});
