import { type BrandingValues, type Theme, themeOf } from '../../settings/index.js';

/** The name and colors that a mail shows. */
export interface MailTheme extends Theme {
  name: string;
  acceptsReplies: boolean;
}

export const mailTheme = (branding: BrandingValues): MailTheme => ({
  name: branding.displayName,
  acceptsReplies: branding.supportEmail !== null,
  ...themeOf(branding),
});

export const footerOf = ({ name, acceptsReplies }: MailTheme): string[] => [
  `This email was sent by ${name}.`,
  ...(acceptsReplies ? ['Questions? Reply to this email.'] : []),
];
