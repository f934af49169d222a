// The built application with nothing instantiated (Nest's preview mode): enough to read its routes, without a database or a
// configuration.
import 'reflect-metadata';

const { readConfig } = await import('../dist/common/config/index.js');
const { createLog } = await import('../dist/common/logging/index.js');
const { createApp } = await import('../dist/http/app.setup.js');
const { AppModule } = await import('../dist/app.module.js');

const config = readConfig({ SECRET_KEY: 'only to read the routes, never to encrypt' });
const database = { url: 'postgres://preview.invalid/trellis', poolSize: 1 };

export const app = await createApp(AppModule.with(database), config, { preview: true, log: createLog('silent') });
