import {
  type CelFunc,
  celFunc,
  CelScalar,
  type CelValue,
  celListConcat,
  isCelList,
  isCelMap,
  listType,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';

/** Characters and elements of the largest value that a condition may build. */
const MAX_SIZE = 65_536;

const { BYTES, DYN, STRING } = CelScalar;
const LIST = listType(DYN);

/** Counts characters and elements, and stops when there are more than a condition may build. */
function sizeOf(value: unknown, left = MAX_SIZE + 1): number {
  if (typeof value === 'string') return value.length;
  if (left <= 0 || (!isCelList(value) && !isCelMap(value))) return 8;
  let size = 1;
  for (const item of isCelList(value) ? value : value.values()) {
    size += sizeOf(item, left - size);
    if (size >= left) break;
  }
  return size;
}

function assertSize(size: number): void {
  if (size > MAX_SIZE) throw new Error('it builds a value that is too large');
}

/** The text that a function works on. Other values make the function fail by itself. */
const textOf = (value: CelValue | undefined): string => (typeof value === 'string' ? value : '');

/** The largest result of a function of the library that can return more than it is given. */
const LARGEST: Record<string, (target: CelValue | undefined, args: readonly CelValue[]) => number> = {
  replace: (target, [from, to]) => {
    const text = textOf(target);
    const times = from === '' ? text.length + 1 : text.split(textOf(from)).length - 1;
    return text.length + times * textOf(to).length;
  },
  join: (target, [separator]) => sizeOf(target) + (isCelList(target) ? target.size : 0) * textOf(separator).length,
  format: (target, [values]) => textOf(target).length + sizeOf(values),
};

/** Native functions cannot be interrupted, so they must not get enough to take long. */
function bounded(func: CelFunc): CelFunc {
  const largest = LARGEST[func.name];
  if (!largest) return func;
  return Object.create(func, {
    call: {
      value(id: number, target: CelValue | undefined, args: CelValue[]) {
        assertSize(largest(target, args));
        return func.call(id, target, args);
      },
    },
  }) as CelFunc;
}

/** The functions of conditions beside the standard ones: those on strings, and those that would build huge values. */
export const CONDITION_FUNCTIONS: CelFunc[] = [
  ...strings.map(bounded),
  celFunc('_+_', [STRING, STRING], STRING, (left, right) => {
    assertSize(left.length + right.length);
    return left + right;
  }),
  celFunc('_+_', [BYTES, BYTES], BYTES, (left, right) => {
    assertSize(left.length + right.length);
    return new Uint8Array([...left, ...right]);
  }),
  celFunc('_+_', [LIST, LIST], LIST, (left, right) => {
    assertSize(left.size + right.size);
    return celListConcat(left, right);
  }),
];
