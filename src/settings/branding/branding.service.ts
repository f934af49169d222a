import { Injectable } from '@nestjs/common';
import type { Actor } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { Database, type Tx } from '../../database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId, SLUG_PATTERN } from '../../common/ids/index.js';
import type { NamedPlace, Place, SettingChange, SettingState } from '../setting.kind.js';
import { SettingService } from '../setting.service.js';
import type { BrandingValues, BrandingView, PatchBranding, PublicBrandingView } from './branding.dto.js';
import { BRANDING, type BrandingField, type FlatBranding, type LogoField } from './branding.kind.js';
import { toChange, toLocal, toValues } from './branding-shape.js';
import { contrastWarnings } from './contrast.js';
import { type LogoImage, safeLogo } from './logo-image.js';
import {
  logosInUse,
  mailImageUrl,
  parseLogoName,
  parseMailImageName,
  uploadedLogo,
  uploadOf,
  withLogoReferences,
  withLogoUrls,
} from './logo-url.js';
import { LogoStore } from './logo.store.js';
import { MailImageService } from './mail-image.service.js';
import { SvgSanitizer } from './svg-sanitizer.service.js';

/** A change of the branding of one level. */
export interface BrandingEdit {
  place: Place;
  operatorSlug: string;
  actor: Actor;
  ifMatch: string | undefined;
  lock: SettingChange<FlatBranding>['lock'];
}

type State = SettingState<FlatBranding>;

/** Manages the branding of operators, organizations and units for the console, sign-in pages and mails. */
@Injectable()
export class BrandingService {
  constructor(
    private readonly db: Database,
    private readonly settings: SettingService,
    private readonly logos: LogoStore,
    private readonly svgs: SvgSanitizer,
    private readonly mailImages: MailImageService,
    private readonly config: Config,
  ) {}

  /** Returns the effective branding of the deepest given level, for mails and pages. Runs one query. */
  async effective(operatorId: string, organizationId?: string, unitId?: string): Promise<BrandingValues> {
    return this.valuesOf(await this.settings.read(BRANDING, { operatorId, organizationId, unitId }));
  }

  /**
   * As `effective`, with logos that every mail program shows, and with where the users of that level work: its app, or else
   * its console. The logos are kept from now on, because the mail shows them as long as it exists.
   */
  async forMail(operatorId: string, organizationId?: string): Promise<{ branding: BrandingValues; appUrl: string }> {
    const state = await this.settings.read(BRANDING, { operatorId, organizationId });
    const [operator, organization] = state.path;
    const console = `${this.config.baseUrl}/t/${operator?.slug}/${organization ? `o/${organization.slug}` : ''}`;
    const { values } = state;
    const mailed = (value: string | null) => this.mailedLogo(operatorId, operator?.slug ?? '', value);
    const logos = { logoUrl: await mailed(values.logoUrl), 'dark.logoUrl': await mailed(values['dark.logoUrl']) };
    return { branding: toValues({ ...values, ...logos }), appUrl: values.appUrl ?? console };
  }

  /** Returns the URL of a logo in mails, null to show the name instead. */
  private async mailedLogo(operatorId: string, operatorSlug: string, value: string | null): Promise<string | null> {
    const upload = value === null ? null : uploadOf(value);
    // A linked logo is shown as it is, unless its name says that mail programs cannot show it.
    if (!upload) return value !== null && /\.svgz?$/i.test(new URL(value).pathname) ? null : value;
    const ref = { ...upload, ownerId: upload.organizationId ?? operatorId };
    const state = await this.logos.mailState(this.db.reader, ref);
    if (!state) return null;
    const isKept =
      state.mailed || (await this.db.transaction((tx) => this.logos.markMailed(tx, ref), { keepsAccess: true }));
    return isKept ? mailImageUrl(upload, this.config.baseUrl, operatorSlug) : null;
  }

  async read(place: Place): Promise<BrandingView> {
    return this.toView(await this.settings.read(BRANDING, place));
  }

  /** Returns public branding by slugs. */
  async readPublic(place: NamedPlace): Promise<PublicBrandingView> {
    if (place.unit !== undefined && place.organization === undefined) {
      throw commonErrors.validation_failed({
        errors: [{ field: 'unit', message: 'organization must be given with unit' }],
      });
    }
    assertSlugs(place.operator, place.organization, place.unit);
    const state = await this.settings.readBySlug(BRANDING, place);
    const [operator, organization, unit] = state.path.map(({ slug, name }) => ({ slug, name }));
    if (!operator) throw commonErrors.not_found();
    return {
      operator,
      organization: organization ?? null,
      unit: unit ?? null,
      values: this.valuesOf(state),
      etag: state.etag,
    };
  }

  async edit(by: BrandingEdit, patch: PatchBranding): Promise<BrandingView> {
    const { set = {}, reset, locks } = toChange(patch);
    const stored = withLogoReferences(set, this.config.baseUrl, by.operatorSlug);
    return this.db.transaction(async (tx) => this.toView(await this.change(tx, by, { set: stored, reset, locks })));
  }

  /** Makes fields inherited again, whether or not a level above locks them. */
  async reset(by: BrandingEdit, fields: readonly BrandingField[]): Promise<BrandingView> {
    return this.db.transaction(async (tx) => this.toView(await this.change(tx, by, { reset: fields })));
  }

  /** Stores an image and sets `field` to it. */
  async uploadLogo(by: BrandingEdit, field: LogoField, file: Buffer): Promise<BrandingView> {
    const image = await safeLogo(file, (svg) => this.svgs.sanitize(svg));
    // Mails have the branding of no unit, and no icon.
    const isForMails = by.place.unitId === undefined && field !== 'iconUrl';
    const mailImage = isForMails ? await this.mailImages.make(image) : null;
    return this.db.transaction(async (tx) => {
      const id = newId();
      const set = { [field]: uploadedLogo({ organizationId: by.place.organizationId, id }) };
      const state = await this.change(tx, by, { set });
      await this.logos.add(tx, by.place, id, { ...image, mailImage });
      return this.toView(state);
    });
  }

  /** Returns an uploaded logo by the last part of its URL. */
  async logo(operatorSlug: string, name: string): Promise<LogoImage> {
    assertSlugs(operatorSlug);
    const mailed = parseMailImageName(name);
    const bytes = mailed && (await this.logos.findMailImage(this.db.reader, operatorSlug, mailed));
    if (bytes) return { contentType: 'image/png', bytes };
    const ref = parseLogoName(name);
    const logo = ref && (await this.logos.find(this.db.reader, operatorSlug, ref));
    if (!logo) throw commonErrors.not_found();
    return logo;
  }

  /** Applies a change and removes uploads that it leaves unused. All changes go through this method. */
  private async change(
    tx: Tx,
    by: BrandingEdit,
    change: Pick<SettingChange<FlatBranding>, 'set' | 'reset' | 'locks'>,
  ): Promise<State> {
    const state = await this.settings.change(tx, BRANDING, by.place, {
      actor: by.actor,
      ifMatch: by.ifMatch,
      lock: by.lock,
      ...change,
    });
    await this.logos.removeOthers(tx, by.place, logosInUse(state.local, by.place));
    return state;
  }

  private valuesOf(state: State): BrandingValues {
    return toValues(this.shown(state, state.values));
  }

  private shown<V extends Partial<FlatBranding>>(state: State, values: V): V {
    return withLogoUrls(values, this.config.baseUrl, state.path[0]?.slug ?? '');
  }

  private toView(state: State): BrandingView {
    const { sources, locked, locks, etag } = state;
    const local = toLocal(this.shown(state, state.local));
    return {
      values: this.valuesOf(state),
      sources,
      local,
      locked,
      locks,
      etag,
      warnings: contrastWarnings(state.values),
    };
  }
}

/** Rejects values that are not slugs, because they cannot name anything and not every path is valid in a query. */
function assertSlugs(...slugs: (string | undefined)[]): void {
  if (slugs.some((slug) => slug !== undefined && !SLUG_PATTERN.test(slug))) throw commonErrors.not_found();
}
