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
import { SvgThread } from './logo-svg.thread.js';
import { logosInUse, parseLogoName, uploadedLogo, withLogoReferences, withLogoUrls } from './logo-url.js';
import { LogoStore } from './logo.store.js';

/** Who changes the branding of what. */
export interface BrandingEdit {
  place: Place;
  operatorSlug: string;
  actor: Actor;
  ifMatch: string | undefined;
  lock: SettingChange<FlatBranding>['lock'];
}

type State = SettingState<FlatBranding>;

/** How operators, organizations and units look: in the console, on sign-in pages and in mail. */
@Injectable()
export class BrandingService {
  constructor(
    private readonly db: Database,
    private readonly settings: SettingService,
    private readonly logos: LogoStore,
    private readonly svgs: SvgThread,
    private readonly config: Config,
  ) {}

  /** What holds at the deepest level that is named, for mail and pages; one query. Throws not_found. */
  async effective(operatorId: string, organizationId?: string, unitId?: string): Promise<BrandingValues> {
    return this.valuesOf(await this.settings.read(BRANDING, { operatorId, organizationId, unitId }));
  }

  /** Throws not_found. */
  async read(place: Place): Promise<BrandingView> {
    return this.toView(await this.settings.read(BRANDING, place));
  }

  /** For anybody, by slugs. Throws not_found, validation_failed for a unit without its organization. */
  async readPublic(place: NamedPlace): Promise<PublicBrandingView> {
    if (place.unit !== undefined && place.organization === undefined) {
      throw commonErrors.validation_failed({
        errors: [{ field: 'unit', message: 'unit needs organization beside it' }],
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

  /** Throws branding.locked and everything else `SettingService.change` throws. */
  async edit(by: BrandingEdit, patch: PatchBranding): Promise<BrandingView> {
    const { set = {}, reset, locks } = toChange(patch);
    const stored = withLogoReferences(set, this.config.baseUrl, by.operatorSlug);
    return this.db.transaction(async (tx) => this.toView(await this.change(tx, by, { set: stored, reset, locks })));
  }

  /** Makes fields inherited again, locked above or not. Throws what `SettingService.change` throws. */
  async reset(by: BrandingEdit, fields: readonly BrandingField[]): Promise<BrandingView> {
    return this.db.transaction(async (tx) => this.toView(await this.change(tx, by, { reset: fields })));
  }

  /**
   * Stores an image and shows it in `field`. Throws branding.logo_too_large, branding.logo_invalid, branding.locked and
   * everything else `SettingService.change` throws.
   */
  async uploadLogo(by: BrandingEdit, field: LogoField, file: Buffer): Promise<BrandingView> {
    const image = await safeLogo(file, (svg) => this.svgs.sanitize(svg));
    return this.db.transaction(async (tx) => {
      const id = newId();
      const set = { [field]: uploadedLogo({ organizationId: by.place.organizationId, id }) };
      const state = await this.change(tx, by, { set });
      await this.logos.add(tx, by.place, id, image);
      return this.toView(state);
    });
  }

  /** An uploaded logo by the last part of its URL. Throws not_found. */
  async logo(operatorSlug: string, name: string): Promise<LogoImage> {
    assertSlugs(operatorSlug);
    const ref = parseLogoName(name);
    const logo = ref && (await this.logos.find(this.db.reader, operatorSlug, ref));
    if (!logo) throw commonErrors.not_found();
    return logo;
  }

  /** Every change goes through here: uploads that it leaves unused go with it. */
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

/** What is no slug names nothing; and not everything that fits into a path fits into a query. */
function assertSlugs(...slugs: (string | undefined)[]): void {
  if (slugs.some((slug) => slug !== undefined && !SLUG_PATTERN.test(slug))) throw commonErrors.not_found();
}
