import { AppError } from '../../common/errors/index.js';
import { parseJsonBody } from './json-body.js';

const parse = (text: string) => parseJsonBody(Buffer.from(text));

function refusal(body: Buffer | string): AppError {
  try {
    parseJsonBody(Buffer.from(body));
  } catch (error) {
    return error as AppError;
  }
  throw new Error('not refused');
}

describe('parseJsonBody', () => {
  it('reads values, and nothing from an empty body', () => {
    expect(parse('{"a":[1,{"b":null}]}')).toEqual({ a: [1, { b: null }] });
    expect(parse('\uFEFF1')).toBe(1);
    expect(parse('')).toBeUndefined();
  });

  it.each(['{', 'nope', '{"a":1}x', ' ', "{'a':1}"])('refuses %j', (text) =>
    expect(refusal(text).code).toBe('malformed_request'),
  );

  it('refuses what is not UTF-8 instead of changing it', () => {
    expect(refusal(Buffer.from([0x22, 0xc3, 0x28, 0x22])).code).toBe('malformed_request');
  });

  it('refuses depth, before recursion over it could end the stack', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parse(nested(32))).not.toThrow();
    expect(refusal(nested(34)).code).toBe('malformed_request');
    expect(refusal(nested(400_000)).code).toBe('malformed_request');
  });

  it('refuses too many values, and does not count what is inside of text', () => {
    expect(parse(`[${'0,'.repeat(29_990)}0]`)).toHaveLength(29_991);
    expect(refusal(`[${'0,'.repeat(30_000)}0]`).code).toBe('malformed_request');
    expect(refusal(`{${'"a":0,'.repeat(30_000)}"b":0}`).code).toBe('malformed_request');
    expect(parse(JSON.stringify({ text: '"\\,[{'.repeat(30_000) }))).toEqual({ text: '"\\,[{'.repeat(30_000) });
  });

  it.each([
    ['{"__proto__":1}', '__proto__'],
    ['{"a":{"constructor":1}}', 'a.constructor'],
    ['{"a":[{"b":1},{"toString":1}]}', 'a.1.toString'],
    ['{"\\u005f\\u005fproto__":{}}', '__proto__'],
  ])('names the inherited key of %s', (text, field) => {
    expect(refusal(text).options.errors).toEqual([
      { field, code: 'unknown_field', message: expect.stringContaining('not a known field') },
    ]);
  });
});
