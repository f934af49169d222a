import { IntegerField, TextField } from '../common/validation/index.js';

const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** What a change or the deletion of an organization would affect. */
export class ImpactView {
  @IntegerField(COUNT)
  activeMembers: number;

  @IntegerField({ ...COUNT, description: 'Sessions of its members.' })
  liveSessions: number;

  @IntegerField(COUNT)
  units: number;

  @IntegerField({ ...COUNT, description: 'Templates and content items that are being published to it.' })
  publishingContent: number;

  @IntegerField({ ...COUNT, description: 'Connections to external identity providers.' })
  linkedIdentityProviders: number;

  @TextField({ description: 'Credits as a decimal.', example: '0' })
  creditsLeft: string;

  @IntegerField({
    ...COUNT,
    description: 'Grants whose time has not come. They wait while the organization is deleted, and end with its purge.',
  })
  scheduledGrants: number;

  @TextField({ description: 'Credits of the scheduled grants, which are not part of `creditsLeft`.', example: '0' })
  scheduledCredits: string;

  @IntegerField({ ...COUNT, description: 'Top-ups that are paid or being paid and not granted yet.' })
  paymentsUnderway: number;

  @IntegerField(COUNT)
  openHolds: number;

  @IntegerField(COUNT)
  openRuns: number;

  @IntegerField({ ...COUNT, description: 'Descriptions of files. The files themselves stay where they are.' })
  artifacts: number;
}
