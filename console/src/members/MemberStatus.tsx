import type { MemberView } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { StatusBadge } from '../frame/StatusBadge';

/** Says when a member cannot sign in. Nothing for everyone else. */
export function MemberStatus({ member: { status } }: { member: Pick<MemberView, 'status'> }) {
  const { t } = useTranslation('membership');
  if (status === 'active') return null;
  return <StatusBadge tone={status === 'blocked' ? 'bad' : 'warning'}>{t(`status.${status}`)}</StatusBadge>;
}
