const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const nounOf = (controller: string): string => controller.replace(/Controller$/, '');

/** `list` of OrganizationsController becomes `listOrganizations`; `resendInvitation` stays as it is. */
function nameOf(controller: string, method: string): string {
  const oneWord = !/[A-Z]/.test(method);
  return oneWord ? method + capital(nounOf(controller)) : method;
}

/**
 * The names by which clients call operations, from `Controller.method`. A name without a controller was given by hand and
 * stays. Two operations of one name get their controllers' names in front. Throws when that does not tell them apart.
 */
export function operationIds(keys: string[]): string[] {
  const parts = keys.map((key) => (key.includes('.') ? key.split('.') : ['', key]) as [string, string]);
  const names = parts.map(([controller, method]) => (controller ? nameOf(controller, method) : method));
  const ids = names.map((name, index) => {
    const [controller, method] = parts[index] ?? ['', ''];
    if (!controller || names.indexOf(name) === names.lastIndexOf(name)) return name;
    const noun = nounOf(controller);
    return noun.charAt(0).toLowerCase() + noun.slice(1) + capital(method);
  });
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) throw new Error(`several operations share an operationId: ${[...new Set(twice)].join(', ')}`);
  return ids;
}
