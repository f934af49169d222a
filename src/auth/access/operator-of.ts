import type { OperatorRef } from '../../common/access/index.js';
import { operatorErrors, type OperatorService } from '../../operators/index.js';

/** Finds the operator in the path. */
export async function operatorOf(operators: OperatorService, slug: string): Promise<OperatorRef> {
  const operator = await operators.findBySlug(slug);
  if (!operator) throw operatorErrors.not_found();
  return operator;
}
