import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, type Observable } from 'rxjs';
import { AppError } from '../common/errors/index.js';
import { addressOf } from '../http/index.js';
import { RateLimitService } from './rate-limit.service.js';

/** Counts wrong secrets at the routes of a public controller. */
@Injectable()
export class WrongSecretInterceptor implements NestInterceptor {
  constructor(private readonly rateLimits: RateLimitService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { ip } = context.switchToHttp().getRequest<FastifyRequest>();
    const refuse = async (error: unknown): Promise<never> => {
      throw isCounted(error) ? error : await this.rateLimits.countWrongSecret(error, addressOf(ip));
    };
    return next.handle().pipe(catchError((error: unknown) => from(refuse(error))));
  }
}

/** Routes that read access tokens count the wrong ones. */
const isCounted = (error: unknown): boolean => error instanceof AppError && error.code === 'auth.invalid_token';

/** For public routes that take a token: wrong ones are counted per client network. */
export const CountsWrongSecrets = () => UseInterceptors(WrongSecretInterceptor);
