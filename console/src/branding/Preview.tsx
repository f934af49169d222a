import { useTranslation } from 'react-i18next';
import { pictureUrl } from '../start';
import { onColor } from '../theme/palette';
import { type BrandingDraft, colorOr } from './fields';
import classes from './Preview.module.css';
import type { PreviewKind } from './search';

interface Look {
  primary: string;
  background: string;
  text: string;
  logo: string;
}

function lookOf({ dark, ...light }: BrandingDraft, isDark: boolean): Look {
  const base = isDark ? dark : light;
  return {
    primary: colorOr(base.primaryColor, isDark ? '#93c5fd' : '#1d4ed8'),
    background: colorOr(base.backgroundColor, isDark ? '#111827' : '#ffffff'),
    text: colorOr(base.textColor, isDark ? '#f9fafb' : '#111827'),
    logo: (isDark && dark.logoUrl) || light.logoUrl,
  };
}

/**
 * A page or a mail as it will look. Made of plain elements with colors of their own, because a second MantineProvider would take
 * its color scheme from the page around it. Nothing in it can be used.
 */
export function Preview({ draft, kind }: { draft: BrandingDraft; kind: PreviewKind }) {
  const { t } = useTranslation('branding');
  const look = lookOf(draft, kind === 'dark');
  const name = draft.displayName || '…';
  const colors = {
    background: look.background,
    color: look.text,
    '--preview-border': `color-mix(in srgb, ${look.text} 18%, ${look.background})`,
    '--preview-muted': `color-mix(in srgb, ${look.text} 70%, ${look.background})`,
  };
  const brand = (
    <div className={classes.brand}>{look.logo ? <img src={pictureUrl(look.logo)} alt={name} /> : name}</div>
  );
  const button = (label: string) => (
    <span
      className={classes.button}
      data-preview="button"
      style={{ background: look.primary, color: onColor(look.primary) }}
    >
      {label}
    </span>
  );
  const links = [
    [draft.supportUrl || draft.supportEmail, t('preview.support')],
    [draft.termsUrl, t('preview.terms')],
    [draft.privacyUrl, t('preview.privacy')],
  ].flatMap(([target, label]) => (target && label ? [label] : []));
  return (
    <div className={classes.window} role="img" aria-label={t(`preview.${kind}`)} data-preview={kind}>
      <div className={classes.bar}>
        {kind === 'mail' ? (
          <span className={classes.address}>{t('preview.from', { name: draft.mailFromName || name })}</span>
        ) : (
          <>
            {draft.iconUrl && <img src={pictureUrl(draft.iconUrl)} alt="" />}
            <span className={classes.address}>{t('preview.tab', { name })}</span>
          </>
        )}
      </div>
      {kind === 'mail' ? (
        <div className={classes.page} style={colors}>
          <div className={`${classes.sheet} ${classes.mail}`}>
            {look.logo ? (
              <div className={classes.brand}>
                <img src={pictureUrl(look.logo)} alt={name} />
              </div>
            ) : (
              <strong>{name}</strong>
            )}
            <div className={classes.heading}>{t('preview.mailTitle', { name })}</div>
            <p className={classes.text}>{t('preview.mailText')}</p>
            {button(t('preview.mailButton'))}
            <p className={`${classes.text} ${classes.muted}`}>{t('preview.mailNote')}</p>
          </div>
          <span className={classes.muted}>{t('preview.mailFooter', { name })}</span>
        </div>
      ) : (
        <div className={classes.page} style={colors}>
          {brand}
          <div className={classes.sheet}>
            <div className={classes.heading}>{t('preview.signIn')}</div>
            <span className={classes.label}>{t('preview.email')}</span>
            <span className={`${classes.field} ${classes.muted}`}>ada@example.com</span>
            <span className={classes.label}>{t('preview.password')}</span>
            <span className={`${classes.field} ${classes.muted}`}>••••••••••</span>
            {button(t('preview.signIn'))}
          </div>
          <div className={`${classes.links} ${classes.muted}`}>
            {links.map((label) => (
              <span key={label}>{label}</span>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}
