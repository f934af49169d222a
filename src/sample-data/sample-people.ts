import { FAMILY_NAMES, GIVEN_NAMES, type SampleOrganization } from './sample-data.js';

export interface SamplePerson {
  email: string;
  name: string;
}

/** Names people so that no two of an organization share an address. */
export function peopleOf({ name, members }: SampleOrganization, random: () => number): SamplePerson[] {
  const domain = `${asciiOf(name).replace(/[^a-z0-9]+/g, '-')}.example`;
  const offset = Math.floor(random() * GIVEN_NAMES.length);
  return Array.from({ length: members }, (_, index) => {
    const given = GIVEN_NAMES[(offset + index) % GIVEN_NAMES.length] ?? '';
    const family = FAMILY_NAMES[Math.floor(random() * FAMILY_NAMES.length)] ?? '';
    return { name: `${given} ${family}`, email: `${asciiOf(given)}.${asciiOf(family)}@${domain}` };
  });
}

const asciiOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/ł/g, 'l')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
