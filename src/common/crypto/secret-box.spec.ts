import { hashSecret, newSecret, SecretBox } from './secret-box.js';

const box = new SecretBox('a key for tests, long enough to be one');

const HERE = { table: 'mails', column: 'content', row: ['1'] };

it('gives back what it encrypted, never the same text twice', () => {
  const sealed = box.encrypt('mail', HERE, 'grüße');
  expect(box.decrypt('mail', HERE, sealed)).toBe('grüße');
  expect(box.encrypt('mail', HERE, 'grüße')).not.toBe(sealed);
});

it('refuses another purpose, another key, and every changed character', () => {
  const sealed = box.encrypt('mail', HERE, 'secret');
  expect(() => box.decrypt('other', HERE, sealed)).toThrow();
  expect(() => new SecretBox('another key, also long enough to be one').decrypt('mail', HERE, sealed)).toThrow();
  const [version, nonce, text = ''] = sealed.split('.');
  for (let index = 0; index < text.length; index++) {
    const changed = text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
    // The last character holds bits that stand for nothing: another spelling of the same bytes is no change.
    if (Buffer.from(changed, 'base64url').equals(Buffer.from(text, 'base64url'))) continue;
    expect(() => box.decrypt('mail', HERE, `${version}.${nonce}.${changed}`)).toThrow();
  }
  expect(() => box.decrypt('mail', HERE, 'v1.AAAA')).toThrow('not an encrypted value');
});

it('refuses a text in another table, column or row', () => {
  const sealed = box.encrypt('mail', HERE, 'secret');
  for (const other of [{ table: 'other' }, { column: 'other' }, { row: ['2'] }, { row: ['1', ''] }, { row: [] }]) {
    expect(() => box.decrypt('mail', { ...HERE, ...other }, sealed)).toThrow();
  }
  expect(() => box.decryptUnbound('mail', sealed)).toThrow('not an encrypted value');
  expect(() => box.decrypt('mail', HERE, sealed.replace('v2', 'v1'))).toThrow('not an encrypted value');
  expect(() => box.decryptUnbound('mail', sealed.replace('v2', 'v1'))).toThrow();
});

it('signs for one purpose', () => {
  const signature = box.sign('cursor', 'text');
  expect(box.verify('cursor', 'text', signature)).toBe(true);
  expect(box.verify('cursor', 'texts', signature)).toBe(false);
  expect(box.verify('other', 'text', signature)).toBe(false);
  expect(box.verify('cursor', 'text', '')).toBe(false);
});

it('makes secrets of 256 bits and stores only their hash', () => {
  const secret = newSecret('trt_');
  expect(secret).toMatch(/^trt_[\w-]{43}$/);
  expect(hashSecret(secret)).toMatch(/^[0-9a-f]{64}$/);
});
