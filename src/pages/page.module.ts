import { Module } from '@nestjs/common';
import { OperatorModule } from '../operators/index.js';
import { BrandingModule } from '../settings/index.js';
import { FormBody } from './form-body.js';

/** Pages for people with nothing but a browser. Who shows some imports it: it brings what their looks are found with. */
@Module({
  imports: [OperatorModule, BrandingModule],
  providers: [FormBody],
  exports: [FormBody, OperatorModule, BrandingModule],
})
export class PageModule {}
