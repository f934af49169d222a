import { truncate } from '../../../common/validation/index.js';
import type { Page } from '../../../pages/index.js';
import type { SsoTrialView } from '../connections/connection-test.dto.js';

const MAX_FACTS = 60;
const MAX_CHARACTERS = 300;

const TEXTS: Record<SsoTrialView['outcome'], string> = {
  signed_in: 'The sign-in works. This test did not sign you in and changed nothing.',
  mfa_required: 'The sign-in works and would ask for a second factor. This test changed nothing.',
  refused: 'A sign-in like this is refused.',
};

const shortened = (text: string): string =>
  text.length > MAX_CHARACTERS ? `${truncate(text, MAX_CHARACTERS)}…` : text;
const shown = (value: unknown): string => shortened(typeof value === 'string' ? value : JSON.stringify(value));
const listed = (values: readonly string[]): string => shortened(values.join(', ') || '–');

/** Shows the result of a connection test. */
export function connectionTestPage({
  outcome,
  refusal,
  subject,
  claims,
  mapped,
  account,
  membership,
  warnings,
}: SsoTrialView): Page {
  const facts = warnings.map(({ detail }): [string, string] => ['Warning', detail]);
  if (subject !== null) facts.push(['Id at the provider', shown(subject)]);
  if (mapped) {
    const { email, name, organization, groups, groupCount, role } = mapped;
    facts.push(
      ['Address', email ?? '–'],
      ['Name', name ?? '–'],
      ['Groups', `${groupCount > 0 ? `${groupCount}: ` : ''}${listed(groups)}`],
    );
    facts.push(['Organization', organization ?? '–'], ['Role by groups', role ?? '–']);
  }
  if (account) facts.push(['Account', account.id === null ? `${account.email} (new)` : account.email]);
  if (membership) {
    const { isNew, role, roles, unitIds } = membership;
    facts.push(
      ['Membership', `${role}${isNew ? ' (new)' : ''}`],
      ['Other roles', listed(roles)],
      ['Units', listed(unitIds)],
    );
  }
  const received = Object.entries(claims ?? {}).map(([name, value]): [string, string] => [
    `Claim ${shortened(name)}`,
    shown(value),
  ]);
  return {
    status: 200,
    title: outcome === 'refused' ? 'The test was refused' : 'The test succeeded',
    text: refusal ? `${TEXTS[outcome]} ${refusal.detail} (${refusal.code})` : TEXTS[outcome],
    facts: [...facts, ...received].slice(0, MAX_FACTS),
  };
}
