import type { ContentAdoption } from '../model/content-adoption.entity.js';
import type { ContentItem, ContentVersion } from '../model/content-item.entity.js';

/** A document that an organization receives, in the version that it uses. */
export type ReceivedItemRow = Pick<ContentItem, 'id' | 'operatorId' | 'kind' | 'key'> &
  Pick<ContentVersion, 'number' | 'title' | 'format' | 'publishedAt'> & {
    /** The newest published version. */
    available: number;
    isPublishing: boolean;
    pinned: number | null;
    /** Null if the organization changed nothing. */
    basedOn: number | null;
    overrides: ContentAdoption['overrides'] | null;
    adoptionRevision: number | null;
  };

export type ReceivedRow = ReceivedItemRow & Pick<ContentVersion, 'body' | 'fields' | 'attachments'>;
