import { ActionIcon, Anchor, Tooltip } from '@mantine/core';
import type { BrandingField } from '@trellis/client';
import Lock from 'lucide-react/icons/lock';
import LockOpen from 'lucide-react/icons/lock-open';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './BrandingEditor.module.css';

interface Props {
  field: BrandingField;
  label: string;
  /** Makes the field inherited again. Undefined if it is inherited. */
  onReset: (() => void) | undefined;
  lock: { locked: boolean; toggle: () => void; text: string } | undefined;
  /** How weak the contrast of the color is. */
  weak?: number | undefined;
  children: ReactNode;
}

/** A field of branding with “Reset” and its lock. They follow the input, so that its label stays its name. */
export function SettingField({ field, label, onReset, lock, weak, children }: Props) {
  const { t } = useTranslation(['branding', 'common']);
  return (
    <div className={classes.field} data-field={field}>
      {children}
      {weak !== undefined && <div className={classes.warning}>{t('weak', { ratio: weak })}</div>}
      <div className={classes.tools}>
        {onReset && (
          <Anchor component="button" type="button" size="xs" aria-label={`${t('reset')}: ${label}`} onClick={onReset}>
            {t('reset')}
          </Anchor>
        )}
        {lock && (
          <Tooltip label={lock.text}>
            <ActionIcon
              variant={lock.locked ? 'light' : 'subtle'}
              color={lock.locked ? 'brand' : 'gray'}
              size={22}
              aria-pressed={lock.locked}
              aria-label={`${t('lock')}: ${label}`}
              onClick={lock.toggle}
            >
              {lock.locked ? <Lock size={13} /> : <LockOpen size={13} />}
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    </div>
  );
}
