import { type DynamicModule, Global, Module } from '@nestjs/common';
import { SecretBox } from '../crypto/index.js';
import { Config } from './config.js';

/** Provides the configuration and the secret box globally. */
@Global()
@Module({})
export class ConfigModule {
  static with(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: Config, useValue: config },
        { provide: SecretBox, useValue: new SecretBox(config.secretKey) },
      ],
      exports: [Config, SecretBox],
    };
  }
}
