import { Global, Module } from '@nestjs/common';
import { Pager } from './pager.js';

@Global()
@Module({ providers: [Pager], exports: [Pager] })
export class PaginationModule {}
