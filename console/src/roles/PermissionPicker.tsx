import { Checkbox, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Permission, type PermissionKey, usePermissions } from './permissions';

interface Props {
  /** Which permissions are offered at all. */
  offers: (permission: Permission) => boolean;
  value: PermissionKey[];
  onChange: (value: PermissionKey[]) => void;
  error?: ReactNode;
  /** Why a permission cannot be chosen. */
  refusal?: (key: PermissionKey) => string | undefined;
}

/** A list of permissions by topic, with a search. */
export function PermissionPicker({ offers, value, onChange, error, refusal }: Props) {
  const { t } = useTranslation(['roles', 'permissions']);
  const [q, setQ] = useState('');
  const topics = usePermissions(q, offers);
  const choose = (key: PermissionKey, on: boolean) =>
    onChange(on ? [...value, key] : value.filter((one) => one !== key));
  return (
    <section aria-label={t('permissions')}>
      <Group justify="space-between" mb="xs">
        <Title order={3}>{t('permissions')}</Title>
        <Text size="xs" c="dimmed" role="status">
          {t('chosen', { count: value.length })}
        </Text>
      </Group>
      {error && (
        <Text size="sm" c="var(--app-danger)" role="alert" mb="xs">
          {error}
        </Text>
      )}
      <TextInput
        type="search"
        aria-label={t('searchPermissions')}
        placeholder={t('searchPermissions')}
        value={q}
        onChange={({ currentTarget: { value: text } }) => setQ(text)}
        mb="md"
      />
      <Stack gap="lg">
        {topics.map(({ topic, permissions }) => (
          <Stack key={topic} gap="xs" role="group" aria-label={t(`topic.${topic}`)}>
            <Text size="sm" fw={600}>
              {t(`topic.${topic}`)}
            </Text>
            {permissions.map(({ key, description }) => {
              const reason = refusal?.(key);
              return (
                <Checkbox
                  key={key}
                  label={description}
                  description={reason ? `${key} · ${reason}` : key}
                  checked={value.includes(key)}
                  disabled={reason !== undefined}
                  onChange={({ currentTarget: { checked } }) => choose(key, checked)}
                />
              );
            })}
          </Stack>
        ))}
      </Stack>
    </section>
  );
}
