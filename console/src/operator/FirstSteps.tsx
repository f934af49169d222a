import type { OperatorStepView } from '@trellis/client';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RouteButton } from '../frame/links';
import { SetUp } from '../overview/SetUp';

/** The first steps of an operator: its look, an organization, and the admin of one. */
export function FirstSteps({ steps }: { steps: OperatorStepView[] }) {
  const { t } = useTranslation('operator');
  const next = steps.find(({ done }) => !done)?.step;
  const actions: Record<OperatorStepView['step'], ReactNode> = {
    branding: (
      <RouteButton to="/operator/branding" variant={next === 'branding' ? 'filled' : 'default'} size="compact-sm">
        {t('steps.branding.action')}
      </RouteButton>
    ),
    organization: (
      <RouteButton to="/organizations/new" variant={next === 'organization' ? 'filled' : 'default'} size="compact-sm">
        {t('steps.organization.action')}
      </RouteButton>
    ),
    organization_admin: (
      <RouteButton
        to={steps.some(({ step, done }) => step === 'organization' && done) ? '/organizations' : '/organizations/new'}
        variant={next === 'organization_admin' ? 'filled' : 'default'}
        size="compact-sm"
      >
        {t('steps.organization_admin.action')}
      </RouteButton>
    ),
  };
  return (
    <SetUp
      title={t('firstSteps')}
      steps={steps.map(({ step, done }) => ({
        key: step,
        done,
        label: t(`steps.${step}.label`),
        text: t(`steps.${step}.text`),
        action: actions[step],
      }))}
    />
  );
}
