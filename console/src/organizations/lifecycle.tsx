import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import {
  type LifecycleStatus,
  type OrganizationView,
  restoreOrganization,
  resumeOrganization,
  suspendOrganization,
} from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import type { Tone } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';

export const STATUS_TONES: Record<LifecycleStatus, Tone> = {
  active: 'good',
  suspended: 'warning',
  pending_deletion: 'bad',
};

/** Makes lists, the organization and what the caller may do in it load again. */
export function useRefreshOrganization() {
  const queries = useQueryClient();
  const router = useRouter();
  return async ({ id, slug }: Pick<OrganizationView, 'id' | 'slug'>) => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['organizations'] }),
      queries.invalidateQueries({ queryKey: ['operator-overview'] }),
      queries.invalidateQueries({ queryKey: ['organization', slug] }),
      queries.invalidateQueries({ queryKey: ['organization-access', id] }),
      queries.invalidateQueries({ queryKey: ['organization-overview', id] }),
    ]);
    await router.invalidate();
  };
}

type Organization = Pick<OrganizationView, 'id' | 'slug' | 'name'>;

/** Returns the changes of an organization's status. They say what they did, and that of a deletion can be undone. */
export function useLifecycle() {
  const { t } = useTranslation('lifecycle');
  const textOf = useProblemText();
  const refresh = useRefreshOrganization();
  const can = useCan();

  const restore = async (organization: Organization): Promise<boolean> => {
    try {
      await restoreOrganization({ path: { orgId: organization.id } });
    } catch (error) {
      toast(textOf(error), { error: true });
      return false;
    }
    await refresh(organization);
    toast(t('restored', { name: organization.name }));
    return true;
  };

  return {
    restore,
    suspend: async (organization: Organization) => {
      await suspendOrganization({ path: { orgId: organization.id } });
      await refresh(organization);
      toast(t('suspended', { name: organization.name }));
    },
    resume: async (organization: Organization): Promise<void> => {
      try {
        await resumeOrganization({ path: { orgId: organization.id } });
      } catch (error) {
        return toast(textOf(error), { error: true });
      }
      await refresh(organization);
      toast(t('resumed', { name: organization.name }));
    },
    /** Says that the organization was deleted, with “Undo” for those who may restore it. */
    sayDeleted: (organization: Organization) =>
      toast(t('deleted', { name: organization.name }), {
        action: can(requires.restoreOrganization) ? (
          <Button key="undo" variant="default" size="compact-xs" ml={4} onClick={() => void restore(organization)}>
            {t('undo')}
          </Button>
        ) : undefined,
      }),
  };
}
