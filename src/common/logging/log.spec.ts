import { QueryFailedError } from 'typeorm';
import { createLog, type Log } from './log.js';
import { NestLog } from './nest-log.js';

function written(write: (log: Log) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog('info', { write: (line: string) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('Log', () => {
  it('writes JSON lines with a time and a level in words', () => {
    const [line] = written((log) => log.child({ module: 'purge' }).info({ count: 3 }, 'done'));
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      module: 'purge',
      count: 3,
      msg: 'done',
    });
  });

  it('leaves out what is below its level', () => expect(written((log) => log.debug({}, 'x'))).toEqual([]));

  it('hides secrets, at three levels and in children', () => {
    const secrets = { password: 'p4ss', token: 't0ken', authorization: 'Bearer x' };
    const text = JSON.stringify(
      written((log) => {
        log.info({ ...secrets, request: { headers: secrets, ...secrets } }, 'x');
        log.child(secrets).info({ key: 'k3y' }, 'x');
      }),
    );
    expect(text).toContain('[redacted]');
    expect(text).not.toMatch(/p4ss|t0ken|Bearer|k3y/);
  });

  it('describes errors by their facts, without the values of a statement', () => {
    const driver = Object.assign(new Error('duplicate'), {
      code: '23505',
      constraint: 'users_email_key',
      detail: 'Key (email)=(ada@x)',
    });
    const cause = new QueryFailedError('insert into users values ($1)', ['hunter2'], driver);
    const [line] = written((log) => log.error({ err: new Error('outer', { cause }) }, 'failed'));
    expect(line?.err).toMatchObject({
      type: 'Error',
      message: 'outer',
      stack: expect.stringContaining('log.spec'),
      cause: { code: '23505' },
    });
    expect(JSON.stringify(line)).not.toMatch(/hunter2|ada@x/);
  });

  it('survives anything thrown', () => {
    for (const err of [undefined, null, 'text', 3, { a: 1 }, new AggregateError([new Error('one')])]) {
      expect(written((log) => log.error({ err }, 'x'))).toHaveLength(1);
    }
  });
});

describe('NestLog', () => {
  it('writes what Nest says, its start only for debugging', () => {
    const lines = written((log) => {
      const nest = new NestLog(log);
      nest.log('Mapped {/x, GET}', 'RouterExplorer');
      nest.log('hello', 'Scheduler');
      nest.error('broken', 'Error: at x', 'Scheduler');
      nest.error(new Error('thrown'));
      nest.warn({ odd: true });
    });
    expect(lines.map(({ level, msg, context }) => ({ level, msg, context }))).toEqual([
      { level: 'info', msg: 'hello', context: 'Scheduler' },
      { level: 'error', msg: 'broken', context: 'Scheduler' },
      { level: 'error', msg: 'thrown', context: undefined },
      { level: 'warn', msg: '{"odd":true}', context: undefined },
    ]);
    expect(lines[1]?.err).toMatchObject({ stack: 'Error: at x' });
  });
});
