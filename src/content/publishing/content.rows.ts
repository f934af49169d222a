import type { ContentItem, ContentVersion } from '../model/content-item.entity.js';
import type { ContentPublication } from '../model/content-publication.entity.js';
import type { PublicationState } from '../model/content.types.js';

/** A document with what its state depends on: its newest version, and the publication that runs or waits. */
export type ItemRow = ContentItem &
  Pick<ContentVersion, 'title' | 'format' | 'publishedAt'> & {
    activeState: PublicationState | null;
    activeNumber: number | null;
    scheduledAt: Date | null;
  };

export type VersionRow = ContentVersion;

export type PublicationRow = ContentPublication & { failed: number };
