import { queryOptions } from '@tanstack/react-query';
import type { ContentDocumentView } from '@trellis/client';
import type { DocumentLevel } from './level';

export const documentQuery = (level: DocumentLevel, id: string) =>
  queryOptions({
    queryKey: [...level.key, 'one', id],
    queryFn: ({ signal }) => level.get(id, signal),
    // What a job publishes changes without the user.
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'publishing' ? 1000 : data?.scheduledAt ? 10_000 : false,
  });

/** The last publication of a document that was published or is scheduled. It is read again while it runs. */
export const publicationQuery = (level: DocumentLevel, document: ContentDocumentView) =>
  queryOptions({
    queryKey: [...level.key, 'one', document.id, 'publication'],
    queryFn: ({ signal }) => level.publication(document.id, signal),
    enabled: document.state !== 'draft' || document.publishedVersion !== null || document.scheduledAt !== null,
    refetchInterval: ({ state }) => {
      const running = state.data?.state;
      return running === 'publishing' ? 1000 : running === 'scheduled' ? 10_000 : false;
    },
  });
