import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';

export type Tone = 'good' | 'warning' | 'bad' | 'neutral';

const COLORS: Record<Tone, string> = {
  good: 'var(--app-success)',
  warning: 'var(--app-warning)',
  bad: 'var(--app-danger)',
  neutral: 'var(--mantine-color-dimmed)',
};

/** A state in one word. The dot has the color, and the word has the meaning. */
export function StatusBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <Badge
      variant="default"
      radius="sm"
      tt="none"
      fw={500}
      leftSection={
        <svg width={7} height={7} viewBox="0 0 7 7" aria-hidden>
          <circle cx={3.5} cy={3.5} r={3.5} fill={COLORS[tone]} />
        </svg>
      }
    >
      {children}
    </Badge>
  );
}
