import { IntegerField, TextField } from '../common/validation/index.js';

const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** What a change or the deletion of an organization touches now. */
export class ImpactView {
  @IntegerField(COUNT)
  activeMembers: number;

  @IntegerField({ ...COUNT, description: 'Sessions of its members.' })
  liveSessions: number;

  @IntegerField(COUNT)
  units: number;

  @IntegerField({ ...COUNT, description: 'Content items whose publication is under way.' })
  publishingContent: number;

  @IntegerField({ ...COUNT, description: 'Sign-in settings linked to an outside identity provider.' })
  linkedIdentityProviders: number;

  @TextField({ description: 'Credits, a decimal.', example: '0' })
  creditsLeft: string;

  @IntegerField(COUNT)
  openHolds: number;

  @IntegerField(COUNT)
  openRuns: number;
}
