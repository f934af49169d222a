export const PREVIEWS = ['sign-in', 'dark', 'mail'] as const;
export type PreviewKind = (typeof PREVIEWS)[number];

/** The preview that is shown, in the address. */
export const validPreview = ({ preview }: Record<string, unknown>): { preview?: PreviewKind | undefined } =>
  PREVIEWS.includes(preview as PreviewKind) ? { preview: preview as PreviewKind } : {};
