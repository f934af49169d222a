import { useQuery } from '@tanstack/react-query';
import type { LinkProps } from '@tanstack/react-router';
import { useParams } from '@tanstack/react-router';
import * as requires from '@trellis/client/requires';
import Building2 from 'lucide-react/icons/building-2';
import FileText from 'lucide-react/icons/file-text';
import Newspaper from 'lucide-react/icons/newspaper';
import KeyRound from 'lucide-react/icons/key-round';
import IdCard from 'lucide-react/icons/id-card';
import LayoutDashboard from 'lucide-react/icons/layout-dashboard';
import MailPlus from 'lucide-react/icons/mail-plus';
import Package from 'lucide-react/icons/package';
import Network from 'lucide-react/icons/network';
import Terminal from 'lucide-react/icons/terminal';
import Users from 'lucide-react/icons/users';
import Palette from 'lucide-react/icons/palette';
import ScrollText from 'lucide-react/icons/scroll-text';
import Server from 'lucide-react/icons/server';
import Settings from 'lucide-react/icons/settings';
import Webhook from 'lucide-react/icons/webhook';
import UserCheck from 'lucide-react/icons/user-check';
import type { ComponentType } from 'react';
import type { ParseKeys } from 'i18next';
import { type Requirement, useCan, useCanIn } from '../api/access';
import { homeOrganization, useCurrentOrganization } from '../api/organization';

/** A page that the navigation and the palette lead to. */
export interface NavPage {
  to: NonNullable<LinkProps['to']>;
  /** A key of the common texts, so that every page of the console can name it. */
  label: Extract<ParseKeys, `nav.${string}`>;
  icon: ComponentType<{ size?: number | string }>;
  /** Pages below this address do not make it current. */
  exact?: boolean;
  /** The page is not shown to users who may not call this operation. */
  requires: Requirement;
}

/** Pages outside of organizations, in the order of the navigation. */
const OPERATOR_PAGES: NavPage[] = [
  { to: '/organizations', label: 'nav.organizations', icon: Building2, requires: requires.listOrganizations },
  { to: '/operator', label: 'nav.operator', icon: LayoutDashboard, exact: true, requires: requires.getOwnOperator },
  { to: '/operator/people', label: 'nav.people', icon: Users, requires: requires.getUser },
  { to: '/operator/staff', label: 'nav.staff', icon: IdCard, requires: requires.listStaff },
  { to: '/operator/templates', label: 'nav.templates', icon: FileText, requires: requires.listTemplates },
  { to: '/operator/content', label: 'nav.content', icon: Newspaper, requires: requires.listContent },
  { to: '/operator/api-keys', label: 'nav.apiKeys', icon: Terminal, requires: requires.listOperatorApiKeys },
  { to: '/operator/webhooks', label: 'nav.webhooks', icon: Webhook, requires: requires.listOperatorWebhooks },
  { to: '/operator/branding', label: 'nav.branding', icon: Palette, requires: requires.getOperatorBranding },
  {
    to: '/operator/access-rules',
    label: 'nav.accessRules',
    icon: UserCheck,
    requires: requires.listOperatorAccessRules,
  },
  { to: '/operator/audit', label: 'nav.audit', icon: ScrollText, requires: requires.listOperatorEvents },
  { to: '/platform/operators', label: 'nav.operators', icon: Server, requires: requires.listOperators },
];

/** Pages of the organization in the address, in the order of the navigation. */
const ORGANIZATION_PAGES: NavPage[] = [
  { to: '/o/$slug', label: 'nav.overview', icon: LayoutDashboard, exact: true, requires: requires.getOrganization },
  { to: '/o/$slug/members', label: 'nav.members', icon: Users, requires: requires.listMembers },
  { to: '/o/$slug/invitations', label: 'nav.invitations', icon: MailPlus, requires: requires.listInvitations },
  { to: '/o/$slug/roles', label: 'nav.roles', icon: KeyRound, requires: requires.listRoles },
  { to: '/o/$slug/units', label: 'nav.units', icon: Network, requires: requires.listUnits },
  { to: '/o/$slug/content', label: 'nav.content', icon: Newspaper, requires: requires.listOrganizationContent },
  { to: '/o/$slug/artifacts', label: 'nav.artifacts', icon: Package, requires: requires.listArtifacts },
  { to: '/o/$slug/api-keys', label: 'nav.apiKeys', icon: Terminal, requires: requires.listApiKeys },
  { to: '/o/$slug/webhooks', label: 'nav.webhooks', icon: Webhook, requires: requires.listWebhooks },
  { to: '/o/$slug/branding', label: 'nav.branding', icon: Palette, requires: requires.getOrganizationBranding },
  { to: '/o/$slug/access-rules', label: 'nav.accessRules', icon: UserCheck, requires: requires.listAccessRules },
  { to: '/o/$slug/audit', label: 'nav.audit', icon: ScrollText, requires: requires.listOrganizationEvents },
  { to: '/o/$slug/settings', label: 'nav.settings', icon: Settings, requires: requires.updateOrganization },
];

/** For users of no organization, who would see no page. */
const CHOOSE: NavPage = {
  to: '/choose',
  label: 'nav.choose',
  icon: Building2,
  requires: requires.listOwnOrganizations,
};

interface Navigation {
  here: NavPage[];
  operator: NavPage[];
  /** The organization of the pages. */
  slug: string | undefined;
  /** Its name, where the address does not name it. */
  home: string | undefined;
}

/**
 * Returns the pages that the user may see: those of the organization in the address, else those of the operator. Members
 * who are not staff see those of their organization on every page.
 */
export function useNavigation(): Navigation {
  const { slug } = useParams({ strict: false });
  const can = useCan();
  const operator = OPERATOR_PAGES.filter((page) => can(page.requires));
  const current = useCurrentOrganization();
  const home = useQuery({ ...homeOrganization, enabled: slug === undefined && operator.length === 0 }).data;
  const canHere = useCanIn(slug === undefined ? home?.id : current?.id);
  if (slug === undefined && operator.length > 0) return { slug, operator, here: operator, home: undefined };
  if (slug === undefined && !home) return { slug, operator, here: home === null ? [CHOOSE] : [], home: undefined };
  return {
    slug: slug ?? home?.slug,
    operator,
    here: ORGANIZATION_PAGES.filter((page) => canHere(page.requires)),
    home: slug === undefined ? home?.name : undefined,
  };
}
