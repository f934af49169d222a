import { Button, Menu, Skeleton, Text } from '@mantine/core';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  confirmIdentity,
  type DiscoveryView,
  type IdentityView,
  linkIdentity,
  listOwnOrganizations,
  unlinkIdentity,
} from '@trellis/client';
import Link2 from 'lucide-react/icons/link-2';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/problem';
import { signInQuery } from '../api/session';
import { Card } from '../frame/Card';
import { DangerDialog } from '../frame/DangerDialog';
import { ProblemAlert } from '../frame/Problem';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { useFormat } from '../i18n/useFormat';
import { ssoUrl, takeVerifier } from '../sign-in/sso';
import { useStep } from '../sign-in/useStep';
import { identities, refreshFactors } from './factors';
import { Row, Rows } from './Row';

/** How many of the user's organizations are asked for their providers. */
const MAX_ORGANIZATIONS = 20;

/** The providers of the user's organizations. */
const providers = queryOptions({
  queryKey: ['providers'],
  queryFn: async ({ signal }) => {
    const { items } = (await listOwnOrganizations({ query: { limit: MAX_ORGANIZATIONS }, signal })).data;
    const found = await Promise.all(
      items.map(async ({ id, name }) => {
        const { connections } = await signInQuery<DiscoveryView>(`discovery?organization=${id}`, signal);
        return connections.map((connection) => ({ ...connection, organization: name }));
      }),
    );
    return found.flat();
  },
});

/** The user's accounts at the identity providers of their organizations. `code` ends the linking of one. */
export function IdentityCard({ code }: { code: string | undefined }) {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const format = useFormat();
  const textOf = useProblemText();
  const linked = useQuery(identities);
  const open = useQuery(providers).data ?? [];
  const [unlinking, setUnlinking] = useState<IdentityView | null>(null);
  const { run } = useStep((error) => toast(textOf(error), { error: true }));
  useLinking(code);
  const link = (connectionId: string) =>
    run(async () => {
      const { data } = await linkIdentity({ body: { connectionId } });
      location.assign(await ssoUrl(data.startUrl, { path: '/account/security' }));
    });
  // Most users have no organization with a provider. They need not read about it.
  if (linked.data?.length === 0 && open.length === 0) return null;
  return (
    <Card
      title={t('identities.title')}
      action={
        open.length > 0 && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default">{t('identities.link')}</Button>
            </Menu.Target>
            <Menu.Dropdown>
              {open.map(({ id, name, organization }) => (
                <Menu.Item key={id} onClick={() => void link(id)}>
                  {name} · {organization}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )
      }
    >
      {linked.isError && <ProblemAlert error={linked.error} onRetry={() => void linked.refetch()} />}
      {linked.isPending && <Skeleton h={48} />}
      {linked.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('identities.none')}
        </Text>
      )}
      <Rows label={t('identities.title')}>
        {linked.data?.map((identity) => (
          <Row
            key={identity.id}
            icon={<Link2 size={18} aria-hidden color="var(--mantine-color-dimmed)" />}
            title={`${identity.connection.name} · ${identity.organization.name}`}
            text={t('identities.text', { subject: identity.subject, since: format.date(identity.createdAt) })}
          >
            <Button variant="default" size="xs" onClick={() => setUnlinking(identity)}>
              {t('identities.unlink')}
            </Button>
          </Row>
        ))}
      </Rows>
      <DangerDialog
        opened={unlinking !== null}
        onClose={() => setUnlinking(null)}
        title={t('identities.unlinkTitle', { name: unlinking?.connection.name })}
        verb={t('identities.unlink')}
        act={async () => {
          if (unlinking) await unlinkIdentity({ path: { identityId: unlinking.id } });
          await refreshFactors(queries);
        }}
      >
        <Text size="sm">{t('identities.unlinkText')}</Text>
      </DangerDialog>
    </Card>
  );
}

/** Finishes the linking of an identity once the provider sent the browser back. */
function useLinking(code: string | undefined): void {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const textOf = useProblemText();
  const used = useRef<string | null>(null);
  useEffect(() => {
    if (code === undefined || used.current === code) return;
    used.current = code;
    const finish = async () => {
      try {
        await confirmIdentity({ body: { code, codeVerifier: takeVerifier() } });
        toast(t('identities.linked'));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        toast(textOf(error), { error: true });
      }
      await refreshFactors(queries);
      await navigate({ to: '/account/security', replace: true });
    };
    void finish();
  });
}
