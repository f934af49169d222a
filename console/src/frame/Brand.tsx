import { useComputedColorScheme } from '@mantine/core';
import { pictureUrl, start } from '../start';

/** The logo, or the name of the operator. */
export function Brand() {
  const dark = useComputedColorScheme('light') === 'dark';
  const { displayName, logoUrl, dark: inDark } = start.branding;
  const logo = (dark && inDark.logoUrl) || logoUrl;
  return logo ? <img src={pictureUrl(logo)} alt={displayName} /> : <span>{displayName}</span>;
}
