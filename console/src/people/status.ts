import type { UserView } from '@trellis/client';
import type { Tone } from '../frame/StatusBadge';

export type UserStatus = UserView['status'];

export const USER_TONES: Record<UserStatus, Tone> = { active: 'good', invited: 'warning', blocked: 'bad' };
