import {
  type BrandingView,
  editOperatorBranding,
  editOrganizationBranding,
  getOperatorBranding,
  getOrganizationBranding,
  type PatchBranding,
  resetOperatorBranding,
  resetOrganizationBranding,
  uploadOperatorLogo,
  uploadOrganizationLogo,
} from '@trellis/client';
import type { Logo } from './fields';

type Answer = Promise<{ data: BrandingView }>;

/** The branding of the operator or of an organization, which are edited alike. */
export interface BrandingLevel {
  kind: 'operator' | 'organization';
  queryKey: readonly unknown[];
  read: (signal?: AbortSignal) => Answer;
  edit: (body: PatchBranding, ifMatch?: string) => Answer;
  reset: (field: string, ifMatch?: string) => Answer;
  upload: (file: File, field: Logo, ifMatch?: string) => Answer;
}

const version = (ifMatch: string | undefined) => (ifMatch ? { headers: { 'If-Match': ifMatch } } : {});

export const operatorBranding: BrandingLevel = {
  kind: 'operator',
  queryKey: ['branding', 'operator'],
  read: (signal) => getOperatorBranding({ ...(signal && { signal }) }),
  edit: (body, ifMatch) => editOperatorBranding({ body, ...version(ifMatch) }),
  reset: (fields, ifMatch) => resetOperatorBranding({ query: { fields }, ...version(ifMatch) }),
  upload: (file, field, ifMatch) => uploadOperatorLogo({ body: { file }, query: { field }, ...version(ifMatch) }),
};

export const organizationBranding = (orgId: string): BrandingLevel => ({
  kind: 'organization',
  queryKey: ['branding', orgId],
  read: (signal) => getOrganizationBranding({ path: { orgId }, ...(signal && { signal }) }),
  edit: (body, ifMatch) => editOrganizationBranding({ path: { orgId }, body, ...version(ifMatch) }),
  reset: (fields, ifMatch) => resetOrganizationBranding({ path: { orgId }, query: { fields }, ...version(ifMatch) }),
  upload: (file, field, ifMatch) =>
    uploadOrganizationLogo({ path: { orgId }, body: { file }, query: { field }, ...version(ifMatch) }),
});

export const brandingQuery = (level: BrandingLevel) => ({
  queryKey: level.queryKey,
  queryFn: async ({ signal }: { signal: AbortSignal }) => (await level.read(signal)).data,
});
