import { Select, Stack } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { Card } from '../frame/Card';
import { LANGUAGES } from '../i18n';
import { type Preferences, usePreferences } from './usePreferences';

/** Stands for null in a list: what the device says. */
const OF_DEVICE = 'device';

/** Language, time zone and color scheme. A choice applies at once and on all devices. */
export function PreferencesCard() {
  const { t } = useTranslation(['account', 'common']);
  const account = useAccount();
  const save = usePreferences();
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  const choice = (field: keyof Preferences) => ({
    value: account?.[field] ?? OF_DEVICE,
    allowDeselect: false,
    onChange: (value: string | null) => void save({ [field]: value === OF_DEVICE ? null : value }),
  });
  const ofDevice = { value: OF_DEVICE, label: t('preferences.device') };
  return (
    <Card title={t('preferences.title')}>
      <Stack gap="md">
        <Select
          label={t('preferences.language')}
          data={[ofDevice, ...Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))]}
          {...choice('language')}
        />
        <Select
          label={t('preferences.timeZone')}
          description={t('preferences.timeZoneText')}
          searchable
          limit={60}
          nothingFoundMessage={t('preferences.noZone')}
          data={[ofDevice, ...zones]}
          {...choice('timeZone')}
        />
        <Select
          label={t('preferences.colorScheme')}
          data={[
            { value: OF_DEVICE, label: t('preferences.ofBranding') },
            { value: 'light', label: t('common:frame.light') },
            { value: 'dark', label: t('common:frame.dark') },
            { value: 'auto', label: t('common:frame.auto') },
          ]}
          {...choice('colorScheme')}
        />
      </Stack>
    </Card>
  );
}
