import { Global, Module } from '@nestjs/common';
import { Database } from './database.js';
import { PoolMetrics } from './pool.metrics.js';

@Global()
@Module({ providers: [Database, PoolMetrics], exports: [Database] })
export class DatabaseModule {}
