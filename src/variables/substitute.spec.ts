import { substitute } from './substitute.js';

const values = new Map(
  Object.entries({ NAME: 'Acme', EMPTY: '', MONEY: "$& $1 $' $$", NESTED: '{{NAME}}' }).map(([key, value]) => [
    key,
    { value },
  ]),
);

describe('substitute', () => {
  it.each([
    ['', ''],
    ['plain', 'plain'],
    ['{{NAME}}, {{NAME}}!', 'Acme, Acme!'],
    ['[{{EMPTY}}]', '[]'],
    ['{{MONEY}}', "$& $1 $' $$"],
    ['{{{NAME}}}', '{Acme}'],
    ['{{NAME}}}}', 'Acme}}'],
    ['{{NAME}}\n{{NAME}}', 'Acme\nAcme'],
  ])('%j becomes %j', (text, expected) => {
    expect(substitute(text, values)).toEqual({ text: expected, unknown: [] });
  });

  it('leaves what is unknown as it stands, and reports each once', () => {
    const text = '{{B}} {{NAME}} {{A_1}} {{B}} {{toString}} {{constructor}}';
    expect(substitute(text, values)).toEqual({
      text: '{{B}} Acme {{A_1}} {{B}} {{toString}} {{constructor}}',
      unknown: ['B', 'A_1'],
    });
  });

  it.each(['{{name}}', '{{ NAME }}', '{NAME}', '{{NAME}', '{{}}', '{{1A}}', '{{NAME-X}}', `{{${'A'.repeat(64)}}}`])(
    'takes %s for text',
    (text) => {
      expect(substitute(text, values)).toEqual({ text, unknown: [] });
    },
  );

  it('does not look through values again', () => {
    expect(substitute('{{NESTED}}', values).text).toBe('{{NAME}}');
  });

  it('takes no longer for text made to hold it up', () => {
    const hostile = '{{'.repeat(200_000) + '{{A'.repeat(100_000);
    expect(substitute(hostile, values).text).toBe(hostile);
  });
});
