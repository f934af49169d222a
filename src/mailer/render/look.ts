import type { BrandingValues, Theme } from '../../settings/index.js';
import { themeOf } from '../../settings/index.js';

/** How a mail looks, and who it is from. */
export interface Look {
  name: string;
  theme: Theme;
  /** Somebody reads what is answered. */
  answered: boolean;
}

export const lookOf = (branding: BrandingValues): Look => ({
  name: branding.displayName,
  theme: themeOf(branding),
  answered: branding.supportEmail !== null,
});

/** Below everything. */
export const footerOf = ({ name, answered }: Look): string[] => [
  `This mail was sent by ${name}.`,
  ...(answered ? ['Questions? Answer this mail.'] : []),
];
