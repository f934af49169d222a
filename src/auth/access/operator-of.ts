import type { OperatorRef } from '../../common/access/index.js';
import { operatorErrors, type OperatorService } from '../../operators/index.js';

/** The operator a path names. Throws operators.not_found. */
export async function operatorOf(operators: OperatorService, slug: string): Promise<OperatorRef> {
  const operator = await operators.findBySlug(slug);
  if (!operator) throw operatorErrors.not_found();
  return operator;
}
