const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const nounOf = (controller: string): string => controller.replace(/Controller$/, '');

/** Derives a name: `list` of OrganizationsController becomes `listOrganizations`, `resendInvitation` stays unchanged. */
function nameOf(controller: string, method: string): string {
  const oneWord = !/[A-Z]/.test(method);
  return oneWord ? method + capital(nounOf(controller)) : method;
}

/**
 * Returns the operation ids for keys `Controller.method`. Keys without a controller were set explicitly and stay. Two
 * operations with the same name get their controllers' names as a prefix. Throws if they still collide.
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
