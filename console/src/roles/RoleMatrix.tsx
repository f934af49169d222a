import { Box, VisuallyHidden } from '@mantine/core';
import type { RoleView } from '@trellis/client';
import Check from 'lucide-react/icons/check';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { RouteAnchor } from '../frame/links';
import { useRoleName } from '../members/grants';
import { inOrganizations, usePermissions } from './permissions';
import classes from './RoleMatrix.module.css';

/** Permissions by topic, and which role contains them. */
export function RoleMatrix({ roles, q }: { roles: RoleView[]; q: string }) {
  const { t } = useTranslation(['roles', 'permissions']);
  const roleName = useRoleName();
  const topics = usePermissions(q, inOrganizations);
  return (
    <Box className={classes.frame} role="region" aria-label={t('matrix')} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.permission}>
              {t('permission')}
            </th>
            {roles.map((role) => (
              <th key={role.id} scope="col" className={classes.role}>
                <RouteAnchor
                  from="/o/$slug/roles"
                  to="."
                  search={(before) => ({ ...before, role: role.id })}
                  c="inherit"
                  inherit
                >
                  {roleName(role)}
                </RouteAnchor>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {topics.map(({ topic, permissions }) => (
            <Fragment key={topic}>
              <tr>
                <th scope="colgroup" colSpan={roles.length + 1} className={classes.topic}>
                  <span>{t(`topic.${topic}`)}</span>
                </th>
              </tr>
              {permissions.map(({ key, description }) => (
                <tr key={key}>
                  <th scope="row" className={classes.permission}>
                    {description}
                    <code>{key}</code>
                  </th>
                  {roles.map(({ id, permissions: held }) => (
                    <td key={id}>
                      {(held as readonly string[]).includes(key) ? (
                        <>
                          <Check size={15} aria-hidden />
                          <VisuallyHidden>{t('yes')}</VisuallyHidden>
                        </>
                      ) : (
                        <VisuallyHidden>{t('no')}</VisuallyHidden>
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </Box>
  );
}
