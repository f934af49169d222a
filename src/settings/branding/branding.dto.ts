import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { isLoopbackHost } from '../../common/config/index.js';
import {
  EmailField,
  EnumField,
  EnumListField,
  type FieldOptions,
  ObjectField,
  ObjectListField,
  TextField,
  UrlField,
} from '../../common/validation/index.js';
import { BySourceField, SettingSourceView } from '../setting.dto.js';
import {
  BRANDING_FIELDS,
  type BrandingField,
  LOGO_FIELDS,
  type LogoField,
  THEME_MODES,
  type ThemeMode,
} from './branding.kind.js';

/** Converts `#F0a` to `#ff00aa`. Leaves other values unchanged for the validation to reject. */
function normalizeColor(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const color = value.trim().toLowerCase();
  return /^#[0-9a-f]{3}$/.test(color) ? color.replace(/[0-9a-f]/g, '$&$&') : color;
}

const ColorField = (options: FieldOptions = {}) =>
  applyDecorators(
    TextField({ example: '#1d4ed8', max: 7, min: 4, pattern: /^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/, ...options }),
    Transform(({ value }: { value: unknown }) => normalizeColor(value)),
  );

/** Allows http on this machine only, where platforms are developed. */
function isAppUrl(value: unknown): boolean {
  if (typeof value !== 'string' || /\s/.test(value) || !/^https?:\/\//i.test(value) || !URL.canParse(value))
    return false;
  const { protocol, hostname, username, password } = new URL(value);
  return username === '' && password === '' && (protocol === 'https:' || isLoopbackHost(hostname));
}

const AppUrlField = (options: FieldOptions) =>
  applyDecorators(
    TextField({ example: 'https://app.example.com/', max: 2000, ...options }),
    ValidateBy({
      name: 'appUrl',
      validator: {
        validate: isAppUrl,
        defaultMessage: () =>
          '$property must be an address that begins with https:// (http:// on this machine) and contains no user name',
      },
    }),
  );

const CHANGE = { optional: true, nullable: true } as const;

export class PatchDarkBranding {
  @UrlField({ ...CHANGE, description: 'Logo for a dark background.' })
  logoUrl?: string | null;

  @ColorField(CHANGE)
  primaryColor?: string | null;

  @ColorField(CHANGE)
  backgroundColor?: string | null;

  @ColorField(CHANGE)
  textColor?: string | null;
}

/** The fields to set. Null makes a field inherited again. */
export class PatchUnitBranding {
  @TextField({
    ...CHANGE,
    max: 100,
    example: 'Acme',
    description: 'Displayed name. By default the name of the level.',
  })
  displayName?: string | null;

  @UrlField({ ...CHANGE, description: 'URL of a logo. To upload one, use `POST …/branding/logo`.' })
  logoUrl?: string | null;

  @UrlField(CHANGE)
  iconUrl?: string | null;

  @ColorField(CHANGE)
  primaryColor?: string | null;

  @ColorField(CHANGE)
  backgroundColor?: string | null;

  @ColorField(CHANGE)
  textColor?: string | null;

  @EnumField(THEME_MODES, { ...CHANGE, name: 'ThemeMode' })
  themeMode?: ThemeMode | null;

  @ObjectField(() => PatchDarkBranding, {
    ...CHANGE,
    description: 'The dark theme. Null makes all of it inherited again.',
  })
  dark?: PatchDarkBranding | null;

  @EmailField(CHANGE)
  supportEmail?: string | null;

  @UrlField(CHANGE)
  supportUrl?: string | null;

  @TextField({ ...CHANGE, max: 100, description: 'Sender name of mails. By default `displayName`.' })
  mailFromName?: string | null;

  @UrlField(CHANGE)
  termsUrl?: string | null;

  @UrlField(CHANGE)
  privacyUrl?: string | null;

  @AppUrlField({
    ...CHANGE,
    description:
      'Where users work. Pages that mailed links lead to end in a button that opens it, and so do mails. By default the console.',
  })
  appUrl?: string | null;
}

export class PatchBranding extends PatchUnitBranding {
  @EnumListField(BRANDING_FIELDS, {
    optional: true,
    example: ['primaryColor', 'dark.primaryColor'],
    description: 'The fields that levels below cannot change. Replaces the whole list.',
  })
  locks?: BrandingField[];
}

const isFieldList = (value: unknown): boolean =>
  typeof value === 'string' && value.split(',').every((name) => (BRANDING_FIELDS as string[]).includes(name));

export class ResetBrandingQuery {
  @TextField({
    max: 500,
    example: 'primaryColor,dark.primaryColor',
    description: 'Fields to inherit again, separated by commas.',
  })
  @ValidateBy({
    name: 'brandingFields',
    validator: {
      validate: isFieldList,
      defaultMessage: () => `$property must name one or more of ${BRANDING_FIELDS.join(', ')}`,
    },
  })
  fields: string;
}

export class LogoQuery {
  @EnumField(LOGO_FIELDS, {
    optional: true,
    default: 'logoUrl',
    name: 'LogoField',
    description: 'The field to set to the uploaded logo.',
  })
  field?: LogoField;
}

export class PublicBrandingQuery {
  @TextField({
    optional: true,
    max: 50,
    example: 'acme',
    description: 'Slug of an organization. By default the operator.',
  })
  organization?: string;

  @TextField({ optional: true, max: 50, description: 'Slug of one of its units.' })
  unit?: string;
}

export class DarkBrandingValues {
  @TextField({ nullable: true, max: 2000 })
  logoUrl: string | null;

  @ColorField()
  primaryColor: string;

  @ColorField()
  backgroundColor: string;

  @ColorField()
  textColor: string;
}

/** The effective values, wherever they come from. */
export class BrandingValues {
  @TextField()
  displayName: string;

  @TextField({ nullable: true, max: 2000 })
  logoUrl: string | null;

  @TextField({ nullable: true, max: 2000 })
  iconUrl: string | null;

  @ColorField()
  primaryColor: string;

  @ColorField()
  backgroundColor: string;

  @ColorField()
  textColor: string;

  @EnumField(THEME_MODES, { name: 'ThemeMode', description: '`auto` follows the device.' })
  themeMode: ThemeMode;

  @ObjectField(() => DarkBrandingValues)
  dark: DarkBrandingValues;

  @TextField({ nullable: true })
  supportEmail: string | null;

  @TextField({ nullable: true, max: 2000 })
  supportUrl: string | null;

  @TextField({ nullable: true })
  mailFromName: string | null;

  @TextField({ nullable: true, max: 2000 })
  termsUrl: string | null;

  @TextField({ nullable: true, max: 2000 })
  privacyUrl: string | null;

  @TextField({ nullable: true, max: 2000 })
  appUrl: string | null;
}

export type LocalBranding = Partial<Omit<BrandingValues, 'dark'>> & { dark?: Partial<BrandingValues['dark']> };

export class BrandingWarningView {
  @EnumField(BRANDING_FIELDS, { name: 'BrandingField' })
  field: BrandingField;

  @EnumField(['low_contrast'])
  code: string;

  @ApiProperty({ type: Number, example: 3.12, description: 'Contrast to the background, 1 to 21.' })
  ratio: number;

  @ApiProperty({ type: Number, example: 4.5 })
  required: number;

  @TextField({ max: 500 })
  message: string;
}

@ApiExtraModels(SettingSourceView)
export class BrandingView {
  @ObjectField(() => BrandingValues)
  values: BrandingValues;

  @BySourceField('The level that each value comes from, by field. Fields of the dark theme are named `dark.…`.')
  sources: Record<string, SettingSourceView>;

  @ObjectField(() => PatchUnitBranding, { description: 'The values that this level itself sets.' })
  local: LocalBranding;

  @BySourceField('The level that locks a field, by field.')
  locked: Record<string, SettingSourceView>;

  @EnumListField(BRANDING_FIELDS, {
    description: 'Fields that this level locks for the levels below.',
  })
  locks: BrandingField[];

  @TextField({ description: 'For `If-Match`. Changes with every change at this level or above.' })
  etag: string;

  @ObjectListField(() => BrandingWarningView, { description: 'Colors that are hard to read on their background.' })
  warnings: BrandingWarningView[];
}

export class BrandedView {
  @TextField()
  slug: string;

  @TextField()
  name: string;
}

/** Branding that sign-in pages show without authentication. */
export class PublicBrandingView {
  @ObjectField(() => BrandedView)
  operator: BrandedView;

  @ObjectField(() => BrandedView, { nullable: true })
  organization: BrandedView | null;

  @ObjectField(() => BrandedView, { nullable: true })
  unit: BrandedView | null;

  @ObjectField(() => BrandingValues)
  values: BrandingValues;

  @TextField()
  etag: string;
}
