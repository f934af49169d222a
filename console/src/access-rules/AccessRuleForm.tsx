import { Anchor, Button, Group, MultiSelect, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type AccessRuleView, getUnit, type Role } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { useRoleName } from '../members/grants';
import { UnitPicker } from '../members/UnitPicker';
import { DryRun } from './DryRun';
import type { RuleLevel, RuleValues } from './level';

/** The roles that the user may give. */
export interface RuleChoices {
  roles: readonly Role[];
  additional: { value: string; label: string; disabled?: boolean }[];
}

interface Props {
  level: RuleLevel;
  choices: RuleChoices;
  /** Undefined for a new rule. */
  rule?: AccessRuleView | undefined;
  onDone: () => void;
}

const EXAMPLES = [
  'user.emailDomain == "example.com"',
  'claims.department == "Finance"',
  '"engineering" in claims.groups',
] as const;

const valuesOf = ({ name, when, then, enabled }: AccessRuleView): RuleValues => ({
  name,
  when,
  role: then.role,
  roleIds: then.roleIds,
  unitIds: then.unitIds,
  enabled,
});

/** Creates or changes an access rule. The dry run shows whom the condition matches before it is saved. */
export function AccessRuleForm({ level, choices, rule, onDone }: Props) {
  const { t } = useTranslation(['accessRules', 'membership', 'common']);
  const queries = useQueryClient();
  const roleName = useRoleName();
  const { orgId } = level;
  const model = useServerForm<RuleValues>({
    initialValues: rule
      ? valuesOf(rule)
      : { name: '', when: '', role: 'user', roleIds: [], unitIds: [], enabled: true },
    // All refusals of rules but the limit are about the condition.
    fieldOf: (code) => (code.startsWith('access_rules.') && code !== 'access_rules.limit_reached' ? 'when' : undefined),
    etag: rule && `"${rule.version}"`,
    send: async (values, ifMatch) => {
      await (rule ? level.update(rule.id, values, ifMatch) : level.create(values));
      toast(t('saved', { name: values.name }));
      await queries.invalidateQueries({ queryKey: level.list.queryKey });
      onDone();
    },
    ...(rule && {
      current: async () => {
        const data = await level.get(rule.id);
        return { values: valuesOf(data), etag: `"${data.version}"` };
      },
    }),
  });
  const { form, sending } = model;
  const { when, role, unitIds } = form.getValues();
  const unitNames = useQuery({
    queryKey: ['units', orgId, 'names', rule?.then.unitIds],
    queryFn: ({ signal }) =>
      Promise.all(
        (rule?.then.unitIds ?? []).map(
          async (unitId) => (await getUnit({ path: { orgId: orgId ?? '', unitId }, signal })).data,
        ),
      ),
    enabled: (rule?.then.unitIds.length ?? 0) > 0,
  }).data;
  const [picked, setPicked] = useState<{ value: string; label: string }[]>([]);
  const units = unitIds.map(
    (id) =>
      picked.find(({ value }) => value === id) ?? {
        value: id,
        label: unitNames?.find((unit) => unit.id === id)?.name ?? id,
      },
  );
  const roles = choices.roles.includes(role) ? choices.roles : [...choices.roles, role];
  const labels = {
    name: t('name'),
    when: t('when'),
    role: t('membership:roleLabel'),
    roleIds: t('membership:additionalRoles'),
    unitIds: t('units'),
    enabled: t('enabled'),
  };
  return (
    <ServerForm model={model} labels={labels} guard="rule">
      <TextInput label={labels.name} required maxLength={100} data-autofocus {...form.getInputProps('name')} />
      <div>
        <Textarea
          label={labels.when}
          description={t('whenText')}
          required
          autosize
          minRows={3}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          {...form.getInputProps('when')}
        />
        <Group gap="xs" mt={6}>
          <Text size="xs" c="dimmed">
            {t('examples')}
          </Text>
          {EXAMPLES.map((example) => (
            <Anchor
              key={example}
              component="button"
              type="button"
              size="xs"
              ff="monospace"
              onClick={() => form.setFieldValue('when', example)}
            >
              {example}
            </Anchor>
          ))}
        </Group>
      </div>
      <DryRun tryOut={level.tryOut} when={when} />
      <Stack gap="md">
        <Text fw={600}>{t('then')}</Text>
        <Select
          label={labels.role}
          data={roles.map((key) => ({ value: key, label: roleName({ key, name: key }) }))}
          allowDeselect={false}
          {...form.getInputProps('role')}
        />
        <MultiSelect label={labels.roleIds} data={choices.additional} clearable {...form.getInputProps('roleIds')} />
        {orgId !== undefined && (
          <UnitPicker
            orgId={orgId}
            label={labels.unitIds}
            value={units}
            onChange={(next) => {
              setPicked(next);
              form.setFieldValue(
                'unitIds',
                next.map(({ value }) => value),
              );
            }}
          />
        )}
        <Switch label={labels.enabled} {...form.getInputProps('enabled', { type: 'checkbox' })} />
      </Stack>
      <div>
        <Button type="submit" loading={sending} disabled={rule !== undefined && !form.isDirty()}>
          {rule ? t('common:save') : t('create')}
        </Button>
      </div>
    </ServerForm>
  );
}
