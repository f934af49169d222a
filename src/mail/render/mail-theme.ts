import { type BrandingValues, type Theme, themeOf } from '../../settings/index.js';

/** The name and colors that a mail shows. */
export interface MailTheme extends Theme {
  name: string;
  acceptsReplies: boolean;
  unsubscribeLink: string | undefined;
}

export const mailTheme = (branding: BrandingValues, unsubscribeLink?: string): MailTheme => ({
  name: branding.displayName,
  acceptsReplies: branding.supportEmail !== null,
  unsubscribeLink,
  ...themeOf(branding),
});

export const footerOf = ({ name, acceptsReplies }: MailTheme): string[] => [
  `This email was sent by ${name}.`,
  ...(acceptsReplies ? ['Questions? Reply to this email.'] : []),
];
