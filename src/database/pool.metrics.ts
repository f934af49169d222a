import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { Metrics } from '../common/metrics/index.js';

/** Reports how this server uses its connections to PostgreSQL. */
@Injectable()
export class PoolMetrics {
  constructor(metrics: Metrics, dataSource: DataSource) {
    const connections = metrics.gauge({
      name: 'database_connections',
      help: 'Connections to PostgreSQL: in use, idle, and requests that wait for one.',
      labelNames: ['state'],
      collect: () => {
        const { master: pool } = dataSource.driver as unknown as { master?: Pool };
        if (!pool) return;
        connections.set({ state: 'used' }, pool.totalCount - pool.idleCount);
        connections.set({ state: 'idle' }, pool.idleCount);
        connections.set({ state: 'waiting' }, pool.waitingCount);
      },
    });
  }
}
