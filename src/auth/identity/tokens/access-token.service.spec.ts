import { withinLimit } from './access-token.service.js';

const claims = (organizations: number) => ({
  sub: 's',
  sid: 'i',
  amr: ['pwd'],
  auth_time: 1,
  op_id: 'o',
  op_slug: 'demo',
  organizations: Array.from({ length: organizations }, (_, index) => ({
    id: '0198c000-0000-7000-8000-00000000000a',
    slug: `organization-${index}`,
    role: 'user' as const,
    roles: ['billing_admin', 'user_admin'],
  })),
  organizations_truncated: false,
});

it('keeps claims that fit', () => {
  expect(withinLimit(claims(3))).toEqual(claims(3));
});

it('leaves out the last organizations of a token that would be too long', () => {
  const { organizations, organizations_truncated: truncated } = withinLimit(claims(50));
  expect(truncated).toBe(true);
  expect(organizations?.length).toBeGreaterThan(10);
  expect(organizations).toEqual(claims(50).organizations.slice(0, organizations?.length));
  expect(JSON.stringify(withinLimit(claims(50))).length).toBeLessThanOrEqual(2_700);
});

it('keeps some organizations in a token with many units', () => {
  const unitIds = Array.from({ length: 50 }, () => '0198c000-0000-7000-8000-00000000000b');
  const { organizations, organizations_truncated: truncated } = withinLimit({ ...claims(50), unit_ids: unitIds });
  expect(truncated).toBe(true);
  expect(organizations?.length).toBeGreaterThan(5);
  expect(JSON.stringify(organizations).length).toBeLessThanOrEqual(1_001);
  expect(withinLimit({ ...claims(3), unit_ids: unitIds }).organizations).toHaveLength(3);
});
