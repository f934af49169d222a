import { Module } from '@nestjs/common';
import { OperatorModule } from '../operators/index.js';
import { BrandingModule } from '../settings/index.js';

/** Modules with pages import it: it exports what `@HtmlPage()` needs to load the branding. */
@Module({ imports: [OperatorModule, BrandingModule], exports: [OperatorModule, BrandingModule] })
export class PageModule {}
