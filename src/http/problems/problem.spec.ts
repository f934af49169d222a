import { AppError } from '../../common/errors/index.js';
import { problemOf } from './problem.js';

describe('problemOf', () => {
  it('puts data beside the standard members, never in their place', () => {
    const data = { choices: [1], status: 200, code: 'x', requestId: 'y', type: 't' };
    const refusal = new AppError('forbidden', 'auth.choose', 'Choose one.', { data });
    expect(problemOf(refusal, 'id')).toEqual({
      choices: [1],
      type: '/docs/errors#auth.choose',
      title: 'Forbidden',
      status: 403,
      detail: 'Choose one.',
      code: 'auth.choose',
      requestId: 'id',
    });
  });

  it('says nothing of a fault of ours', () => {
    expect(problemOf(null, 'id')).toEqual({
      type: '/docs/errors#internal_error',
      title: 'Internal Server Error',
      status: 500,
      detail: 'An internal error occurred. Try again, or contact support with the request id.',
      code: 'internal_error',
      requestId: 'id',
    });
  });
});
