import type {
  ContentDocumentView,
  ContentListItemView,
  ContentState,
  ContentVersionItemView,
  ContentVersionView,
  CreateContent,
  CreateContentVersion,
  PatchContent,
  PublicationView,
  PublishContent,
} from '@trellis/client';
import * as api from '@trellis/client';
import type { Tone } from '../frame/StatusBadge';
import { pages } from '../api/pages';

export type DocumentKind = 'template' | 'content';

export const STATES = ['draft', 'publishing', 'published', 'withdrawn'] as const satisfies readonly ContentState[];
export const STATE_TONES: Record<ContentState, Tone> = {
  draft: 'neutral',
  publishing: 'warning',
  published: 'good',
  withdrawn: 'bad',
};

const SORTS = ['title', '-title', 'createdAt', '-createdAt'] as const;

/** The search parameters of the list of documents. */
export interface DocumentSearch {
  q?: string | undefined;
  state?: ContentState | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  dialog?: 'new' | undefined;
}

export const readSearch = ({ q, state, sort, dialog }: Record<string, unknown>): DocumentSearch => ({
  ...(typeof q === 'string' && q && { q }),
  ...(STATES.includes(state as 'draft') && { state: state as ContentState }),
  ...(SORTS.includes(sort as 'title') && { sort: sort as 'title' }),
  ...(dialog === 'new' && { dialog }),
});

const filtersOf = ({ q, state, sort = 'title' }: DocumentSearch) => ({
  sort,
  ...(q && { q }),
  ...(state && { state }),
});
const ifMatchOf = (etag: string | undefined) => ({ headers: { ...(etag && { 'If-Match': etag }) } });

/** Templates and content items, which the operator writes and publishes alike. */
export interface DocumentLevel {
  kind: DocumentKind;
  /** The address of their list. */
  to: '/operator/templates' | '/operator/content';
  key: readonly unknown[];
  list: (search: DocumentSearch) => ReturnType<typeof pages<ContentListItemView>>;
  get: (id: string, signal?: AbortSignal) => Promise<ContentDocumentView>;
  create: (body: CreateContent) => Promise<ContentDocumentView>;
  update: (id: string, body: PatchContent, etag: string | undefined) => Promise<ContentDocumentView>;
  remove: (id: string) => Promise<unknown>;
  versions: (id: string) => ReturnType<typeof pages<ContentVersionItemView>>;
  version: (id: string, version: number, signal?: AbortSignal) => Promise<ContentVersionView>;
  addVersion: (id: string, body: CreateContentVersion) => Promise<unknown>;
  publish: (id: string, body: PublishContent) => Promise<unknown>;
  /** Cancels a scheduled publication. */
  cancel: (id: string) => Promise<unknown>;
  withdraw: (id: string) => Promise<unknown>;
  publication: (id: string, signal?: AbortSignal) => Promise<PublicationView>;
}

export const templateLevel: DocumentLevel = {
  kind: 'template',
  to: '/operator/templates',
  key: ['documents', 'template'],
  list: (search) => {
    const query = filtersOf(search);
    return pages(['documents', 'template', query], (page, signal) =>
      api.listTemplates({ query: { ...page, ...query }, signal }),
    );
  },
  get: async (documentId, signal) => (await api.getTemplate({ path: { documentId }, ...(signal && { signal }) })).data,
  create: async (body) => (await api.createTemplate({ body })).data,
  update: async (documentId, body, etag) =>
    (await api.updateTemplate({ path: { documentId }, body, ...ifMatchOf(etag) })).data,
  remove: (documentId) => api.deleteTemplate({ path: { documentId } }),
  versions: (documentId) =>
    pages(['documents', 'template', 'one', documentId, 'versions'], (page, signal) =>
      api.listTemplateVersions({ path: { documentId }, query: page, signal }),
    ),
  version: async (documentId, version, signal) =>
    (await api.getTemplateVersion({ path: { documentId, version }, ...(signal && { signal }) })).data,
  addVersion: (documentId, body) => api.createTemplateVersion({ path: { documentId }, body }),
  publish: (documentId, body) => api.publishTemplate({ path: { documentId }, body }),
  cancel: (documentId) => api.cancelTemplatePublication({ path: { documentId } }),
  withdraw: (documentId) => api.withdrawTemplate({ path: { documentId } }),
  publication: async (documentId, signal) =>
    (await api.getTemplatePublication({ path: { documentId }, ...(signal && { signal }) })).data,
};

export const contentLevel: DocumentLevel = {
  kind: 'content',
  to: '/operator/content',
  key: ['documents', 'content'],
  list: (search) => {
    const query = filtersOf(search);
    return pages(['documents', 'content', query], (page, signal) =>
      api.listContent({ query: { ...page, ...query }, signal }),
    );
  },
  get: async (documentId, signal) => (await api.getContent({ path: { documentId }, ...(signal && { signal }) })).data,
  create: async (body) => (await api.createContent({ body })).data,
  update: async (documentId, body, etag) =>
    (await api.updateContent({ path: { documentId }, body, ...ifMatchOf(etag) })).data,
  remove: (documentId) => api.deleteContent({ path: { documentId } }),
  versions: (documentId) =>
    pages(['documents', 'content', 'one', documentId, 'versions'], (page, signal) =>
      api.listContentVersions({ path: { documentId }, query: page, signal }),
    ),
  version: async (documentId, version, signal) =>
    (await api.getContentVersion({ path: { documentId, version }, ...(signal && { signal }) })).data,
  addVersion: (documentId, body) => api.createContentVersion({ path: { documentId }, body }),
  publish: (documentId, body) => api.publishContent({ path: { documentId }, body }),
  cancel: (documentId) => api.cancelContentPublication({ path: { documentId } }),
  withdraw: (documentId) => api.withdrawContent({ path: { documentId } }),
  publication: async (documentId, signal) =>
    (await api.getContentPublication({ path: { documentId }, ...(signal && { signal }) })).data,
};
