import { Injectable } from '@nestjs/common';
import { Config, isForTrying } from '../common/config/index.js';
import { OperatorService } from '../operators/index.js';
import { AuthSettingsService, BrandingService } from '../settings/index.js';
import { readDocument } from './console-files.js';
import { type ConsolePage, renderConsole } from './console-page.js';

/** Renders the console for an operator. */
@Injectable()
export class ConsoleService {
  private readonly document = readDocument();
  /** The path of BASE_URL, which proxies remove before requests reach this server. */
  readonly base: string;

  constructor(
    private readonly operators: OperatorService,
    private readonly branding: BrandingService,
    private readonly authSettings: AuthSettingsService,
    private readonly config: Config,
  ) {
    this.base = new URL(config.baseUrl).pathname.replace(/\/$/, '');
  }

  get isBuilt(): boolean {
    return this.document !== null;
  }

  /** Returns the page for the operator with this slug, null if there is none. */
  async page(slug: string): Promise<ConsolePage | null> {
    const operator = await this.operators.findBySlug(slug);
    if (!operator || this.document === null) return null;
    const { id: operatorId, name, selfServiceOrganizationLimit } = operator;
    const branding = await this.branding.effective(operatorId);
    const { allowedMethods: methods, selfRegistration } = await this.authSettings.effective({ operatorId });
    const signIn = { methods, selfRegistration, createsOrganizations: selfServiceOrganizationLimit > 0 };
    const { base, config } = this;
    const takesSampleData = isForTrying(config);
    return renderConsole(this.document, { operator: { slug, name }, branding, signIn, takesSampleData, base });
  }

  /** Returns the path of the console of an operator. */
  pathOf(slug: string): string {
    return `${this.base}/t/${slug}/`;
  }

  /** Returns the path of the only operator's console, null if there are several operators. */
  async onlyPath(): Promise<string | null> {
    const slug = await this.operators.onlySlug();
    return slug === null ? null : this.pathOf(slug);
  }

  /** Returns the URL to open after the start: the only operator's console, or the page that asks for the address. */
  async url(): Promise<string> {
    const { origin } = new URL(this.config.baseUrl);
    return `${origin}${(await this.onlyPath()) ?? `${this.base}/`}`;
  }
}
