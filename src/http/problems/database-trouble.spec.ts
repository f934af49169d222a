import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { databaseTrouble } from './database-trouble.js';

const failed = (code: string) => new QueryFailedError('select 1', [], Object.assign(new Error('no'), { code }));

describe('databaseTrouble', () => {
  it.each([
    ['08006', 'unavailable'],
    ['53300', 'unavailable'],
    ['53100', 'unavailable'],
    ['57P01', 'unavailable'],
    ['57P03', 'unavailable'],
    ['57014', 'unavailable'],
    ['55P03', 'unavailable'],
    ['25006', 'unavailable'],
    ['22021', 'invalid'],
    ['22P02', 'invalid'],
    ['22003', 'invalid'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['23505', 'conflict'],
    ['23503', 'conflict'],
    ['23514', null],
    ['42601', null],
    ['25P02', null],
  ])('%s is %s', (code, trouble) => expect(databaseTrouble(failed(code))).toBe(trouble));

  it.each([
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('knows a lost connection by its words: %s', (message) =>
    expect(databaseTrouble(new Error(message))).toBe('unavailable'),
  );

  it('knows a transaction whose connection has broken', () => {
    expect(databaseTrouble(new QueryRunnerAlreadyReleasedError())).toBe('unavailable');
    expect(databaseTrouble(new QueryRunnerProviderAlreadyReleasedError())).toBe('unavailable');
  });

  it('knows a server that is not there, also with several addresses', () => {
    expect(databaseTrouble(Object.assign(new Error(), { code: 'ECONNREFUSED' }))).toBe('unavailable');
    expect(databaseTrouble(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('unavailable');
  });

  it('leaves everything else alone', () => {
    for (const other of [
      new Error('no'),
      new TypeError('x is undefined'),
      'text',
      null,
      undefined,
      { code: '57P01' },
    ]) {
      expect(databaseTrouble(other)).toBeNull();
    }
  });
});
