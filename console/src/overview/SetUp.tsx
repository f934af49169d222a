import { Progress, Stack, Text } from '@mantine/core';
import Circle from 'lucide-react/icons/circle';
import CircleCheck from 'lucide-react/icons/circle-check';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '../frame/Card';
import classes from './SetUp.module.css';

export interface Step {
  key: string;
  label: string;
  text?: string;
  done: boolean;
  /** Leads to where the step is taken. Shown while it is open. */
  action?: ReactNode;
}

/** Steps that are ticked from data. */
export function SetUp({ title, steps }: { title: string; steps: Step[] }) {
  const { t } = useTranslation('overview');
  const done = steps.filter((step) => step.done).length;
  return (
    <Card
      title={title}
      action={
        <Text size="sm" c="dimmed" className="tabular">
          {t('stepsDone', { done, all: steps.length })}
        </Text>
      }
    >
      <Stack gap="sm">
        <Progress value={(100 * done) / steps.length} size={4} aria-label={title} />
        <ol className={classes.list}>
          {steps.map((step) => (
            <li key={step.key} className={classes.step} data-step={step.key} data-done={step.done}>
              {step.done ? (
                <CircleCheck size={18} className={classes.done} role="img" aria-label={t('done')} />
              ) : (
                <Circle size={18} className={classes.open} role="img" aria-label={t('open')} />
              )}
              <div className={classes.label} data-done={step.done}>
                <Text size="sm" fw={500} inherit>
                  {step.label}
                </Text>
                {step.text && !step.done && (
                  <Text size="xs" c="dimmed">
                    {step.text}
                  </Text>
                )}
              </div>
              {!step.done && step.action}
            </li>
          ))}
        </ol>
      </Stack>
    </Card>
  );
}
