import { Sparkline } from '@mantine/charts';
import { VisuallyHidden } from '@mantine/core';
import type { UsageDayView } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/useFormat';

/** The usage of 30 days as a line, and as a table for those who do not see it. Loaded when it is needed. */
export default function UsageTrend({ usage }: { usage: UsageDayView[] }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  return (
    <figure style={{ margin: 0 }}>
      <Sparkline
        h={72}
        data={usage.map(({ net }) => Number(net))}
        color="var(--app-brand-text)"
        curveType="monotone"
        fillOpacity={0.15}
        strokeWidth={1.5}
        areaProps={{ isAnimationActive: false }}
        // The chart takes the focus otherwise, though the table below says the same.
        inert
      />
      <VisuallyHidden>
        <table>
          <caption>{t('usage')}</caption>
          <tbody>
            {usage.map(({ day, net }) => (
              <tr key={day}>
                <th scope="row">{format.date(day)}</th>
                <td>{format.credits(net)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}
