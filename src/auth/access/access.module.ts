import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { EventModule } from '../../events/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { AccessGuard } from './guard/access.guard.js';
import { LargeBodyHook } from './guard/large-body.hook.js';
import { StepUpPolicy } from './step-up/step-up.policy.js';
import { StepUpStore } from './step-up/step-up.store.js';
import { RefusedAttemptJob } from './refused-attempts/refused-attempt.job.js';
import { RefusedAttemptService } from './refused-attempts/refused-attempt.service.js';
import { RefusedAttemptStore } from './refused-attempts/refused-attempt.store.js';
import { AccessStore } from './guard/access.store.js';
import { RouteRules } from './guard/route-rules.js';
import { AccessTokenStrategy } from './tokens/access-token.strategy.js';
import { AccessTokenVerifier } from './tokens/access-token.verifier.js';
import { BearerAuthenticator } from './tokens/bearer-authenticator.js';
import { SigningKeyService } from './tokens/signing-key.service.js';

@Module({
  imports: [DiscoveryModule, PassportModule, EventModule, OrganizationModule],
  providers: [
    RefusedAttemptJob,
    RefusedAttemptService,
    RefusedAttemptStore,
    AccessGuard,
    { provide: APP_GUARD, useExisting: AccessGuard },
    LargeBodyHook,
    StepUpPolicy,
    StepUpStore,
    AccessStore,
    AccessTokenStrategy,
    AccessTokenVerifier,
    BearerAuthenticator,
    RouteRules,
    SigningKeyService,
  ],
  exports: [
    AccessStore,
    AccessTokenVerifier,
    BearerAuthenticator,
    RefusedAttemptService,
    RouteRules,
    SigningKeyService,
    StepUpPolicy,
    StepUpStore,
  ],
})
export class AccessModule {}
