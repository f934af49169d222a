import { type Invitation, INVITATION_STATES } from './invitation.entity.js';

export const INVITATION_STATUSES = [...INVITATION_STATES, 'expired'] as const;
export type InvitationStatus = (typeof INVITATION_STATUSES)[number];

export type InvitationRow = Omit<Invitation, 'tokenHash' | 'mailedAt'> & {
  status: InvitationStatus;
  inviterName: string | null;
  byApiKey: boolean;
  /** Keys of the functional and custom roles. */
  roleKeys: string[];
};
