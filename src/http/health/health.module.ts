import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DatabaseReadiness } from './database-readiness.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Readiness } from './readiness.js';
import { Shutdown } from './shutdown.js';

/** Global, so that any module can add a readiness check. */
@Global()
@Module({})
export class HealthModule {
  static with(shutdown: Shutdown): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController, MetricsController],
      providers: [{ provide: Shutdown, useValue: shutdown }, Readiness, DatabaseReadiness],
      exports: [Readiness, Shutdown],
    };
  }
}
