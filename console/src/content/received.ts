import * as api from '@trellis/client';
import type { PatchAdoption, ReceivedContentItemView, ReceivedContentView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { pages } from '../api/pages';
import type { Requirement } from '../api/access';
import type { DocumentKind } from './level';

/** The search parameters of the page of what an organization receives. */
export interface ReceivedSearch {
  /** Content items by default. */
  view?: 'templates' | undefined;
  q?: string | undefined;
  /** The open document. */
  document?: string | undefined;
}

export const readReceivedSearch = ({ view, q, document }: Record<string, unknown>): ReceivedSearch => ({
  ...(view === 'templates' && { view }),
  ...(typeof q === 'string' && q && { q }),
  ...(typeof document === 'string' && document && { document }),
});

/** Documents of one kind that an organization receives. */
export interface Received {
  kind: DocumentKind;
  key: readonly unknown[];
  list: (q: string | undefined) => ReturnType<typeof pages<ReceivedContentItemView>>;
  get: (id: string, signal?: AbortSignal) => Promise<ReceivedContentView>;
  adopt: (id: string, body: PatchAdoption, etag: string | undefined) => Promise<ReceivedContentView>;
  reset: (id: string) => Promise<unknown>;
  adoptRequires: Requirement;
}

const ifMatch = (etag: string | undefined) => ({ headers: { ...(etag && { 'If-Match': etag }) } });

export function receivedOf(orgId: string, view: ReceivedSearch['view']): Received {
  return view === 'templates'
    ? {
        kind: 'template',
        key: ['received', orgId, 'template'],
        list: (q) =>
          pages(['received', orgId, 'template', { q }], (page, signal) =>
            api.listOrganizationTemplates({ path: { orgId }, query: { ...page, ...(q && { q }) }, signal }),
          ),
        get: async (documentId, signal) =>
          (await api.getOrganizationTemplate({ path: { orgId, documentId }, ...(signal && { signal }) })).data,
        adopt: async (documentId, body, etag) =>
          (await api.adoptOrganizationTemplate({ path: { orgId, documentId }, body, ...ifMatch(etag) })).data,
        reset: (documentId) => api.resetOrganizationTemplate({ path: { orgId, documentId } }),
        adoptRequires: requires.adoptOrganizationTemplate,
      }
    : {
        kind: 'content',
        key: ['received', orgId, 'content'],
        list: (q) =>
          pages(['received', orgId, 'content', { q }], (page, signal) =>
            api.listOrganizationContent({ path: { orgId }, query: { ...page, ...(q && { q }) }, signal }),
          ),
        get: async (documentId, signal) =>
          (await api.getOrganizationContent({ path: { orgId, documentId }, ...(signal && { signal }) })).data,
        adopt: async (documentId, body, etag) =>
          (await api.adoptOrganizationContent({ path: { orgId, documentId }, body, ...ifMatch(etag) })).data,
        reset: (documentId) => api.resetOrganizationContent({ path: { orgId, documentId } }),
        adoptRequires: requires.adoptOrganizationContent,
      };
}
