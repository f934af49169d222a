import { SecretField } from '../../../common/validation/index.js';

/** What the button of the page sends. */
export class UndoChange {
  @SecretField({ max: 200 })
  token: string;
}
