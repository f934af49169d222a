import type { ArgumentMetadata } from '@nestjs/common';
import type { AppError } from '../../common/errors/index.js';
import { ListField, ObjectField, ObjectListField, TextField, UuidField } from '../../common/validation/index.js';
import { ValidationPipe } from './validation.pipe.js';

// Classes of a test file inherit from the Object of its sandbox, which the rules for nested objects do not know.
class Leaf extends Object {
  @TextField({ max: 5 })
  name: string;
}

class Tree {
  @ObjectField(() => Leaf, { optional: true })
  leaf?: Leaf;

  @ObjectListField(() => Leaf, { optional: true })
  leaves?: Leaf[];

  @ListField(UuidField(), { optional: true })
  ids?: string[];
}

class Undecorated {}

const pipe = new ValidationPipe();
const body = (metatype: ArgumentMetadata['metatype']): ArgumentMetadata => ({
  type: 'body',
  metatype,
  data: undefined,
});

function errorsOf(value: unknown, metadata = body(Tree)) {
  try {
    pipe.transform(value, metadata);
  } catch (error) {
    return (error as AppError).options.errors ?? [];
  }
  return [];
}

describe('ValidationPipe', () => {
  it('makes instances, nested ones too', () => {
    const tree = pipe.transform({ leaf: { name: ' a ' } }, body(Tree)) as Tree;
    expect(tree).toBeInstanceOf(Tree);
    expect(tree.leaf).toBeInstanceOf(Leaf);
    expect(tree.leaf?.name).toBe('a');
    expect(pipe.transform(undefined, body(Tree))).toEqual({});
  });

  it('names nested fields by their path', () => {
    const errors = errorsOf({ leaf: { name: 'too long', x: 1 }, leaves: [{ name: 'ok' }, { name: '' }, 3] });
    expect(new Set(errors.map(({ field }) => field))).toEqual(
      new Set(['leaf.name', 'leaf.x', 'leaves.1.name', 'leaves.2']),
    );
  });

  it('takes no lists for the objects of a list', () => {
    expect(errorsOf({ leaves: [[{ name: 'ok' }]] })).toEqual([
      { field: 'leaves', code: 'wrong_type', params: { type: 'array' }, message: 'leaves must be a list of objects' },
    ]);
  });

  it('answers with a bounded list, whatever was sent', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${'f'.repeat(300)}${i}`, 1]));
    const errors = errorsOf(many);
    expect(errors).toHaveLength(50);
    expect(Math.max(...errors.map(({ field }) => field.length))).toBe(200);
  });

  it.each([[[]], ['x'], [1], [null], [true]])('refuses %j for an object', (value) => {
    expect(errorsOf(value)).toEqual([
      { field: '', code: 'wrong_type', params: { type: 'object' }, message: 'the body must be an object' },
    ]);
  });

  it('refuses very many fields without looking at each', () => {
    const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 0]));
    expect(errorsOf(fields(200))).toHaveLength(50);
    expect(() => pipe.transform(fields(201), body(Tree))).toThrow('more than 200 fields');
  });

  it('refuses everything for a class without rules', () =>
    expect(errorsOf({ a: 1 }, body(Undecorated))).not.toEqual([]));

  it('takes single texts as they are, once and printable', () => {
    const query: ArgumentMetadata = { type: 'query', metatype: String, data: 'q' };
    expect(pipe.transform('a', query)).toBe('a');
    expect(pipe.transform(undefined, query)).toBeUndefined();
    expect(errorsOf(['a', 'b'], query)).toEqual([
      { field: 'q', code: 'wrong_type', params: { type: 'string' }, message: 'q must be given once, as text' },
    ]);
    expect(errorsOf('\0', query)).toHaveLength(1);
  });

  it('leaves alone what is not from the request', () => {
    const value = { anything: true };
    expect(pipe.transform(value, { type: 'custom', metatype: Tree, data: undefined })).toBe(value);
    expect(pipe.transform(value, body(Object))).toBe(value);
  });
});
