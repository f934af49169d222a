const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `list` of OrganizationsController → `listOrganizations`; `resendInvitation` stays: it says all there is to say. */
function nameOf(controller: string, method: string): string {
  const oneWord = !/[A-Z]/.test(method);
  return oneWord ? method + capital(controller.replace(/Controller$/, '')) : method;
}

/**
 * The names clients call operations by, out of `Controller.method`. Two of one name both get their controller's in
 * front; one method at several paths counts on.
 */
export function operationIds(keys: string[]): string[] {
  const parts = keys.map((key) => key.split('.') as [string, string]);
  const names = parts.map(([controller, method]) => nameOf(controller, method));
  const distinct = names.map((name, index) => {
    const shared = names.some((other, i) => other === name && keys[i] !== keys[index]);
    const [controller = '', method = ''] = parts[index] ?? [];
    const noun = controller.replace(/Controller$/, '');
    return shared ? noun.charAt(0).toLowerCase() + noun.slice(1) + capital(method) : name;
  });
  const seen = new Map<string, number>();
  return distinct.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}${count}`;
  });
}
