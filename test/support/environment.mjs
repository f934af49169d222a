// Runs test files in jest's sandbox, which gets src/ and packages from outside it (native.transform.mjs).
import { TestEnvironment } from 'jest-environment-node';
import { loadNative } from './native.mjs';

/** Shared with the modules outside, so that `instanceof` and the types that decorators record agree. */
const SHARED = {
  Array,
  Boolean,
  Date,
  Map,
  Number,
  Object,
  RegExp,
  Set,
  String,
  AggregateError,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  JSON,
  Reflect,
};

export default class NativeEnvironment extends TestEnvironment {
  constructor(...args) {
    super(...args);
    Object.assign(this.global, SHARED, { [Symbol.for('native')]: loadNative });
  }
}
