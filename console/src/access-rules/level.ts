import {
  type AccessRuleView,
  createAccessRule,
  createOperatorAccessRule,
  deleteAccessRule,
  deleteOperatorAccessRule,
  type DryRun,
  type DryRunView,
  getAccessRule,
  getOperatorAccessRule,
  listAccessRules,
  listOperatorAccessRules,
  type Role,
  tryAccessRule,
  tryOperatorAccessRule,
  updateAccessRule,
  updateOperatorAccessRule,
} from '@trellis/client';
import { pages } from '../api/pages';

export interface RuleValues extends Record<string, unknown> {
  name: string;
  when: string;
  role: Role;
  roleIds: string[];
  /** Rules of the operator give no units. */
  unitIds: string[];
  enabled: boolean;
}

/** The access rules of an organization or of the operator, which are edited alike. */
export interface RuleLevel {
  /** Undefined for the operator. */
  orgId: string | undefined;
  list: ReturnType<typeof pages<AccessRuleView>>;
  get: (id: string) => Promise<AccessRuleView>;
  create: (values: RuleValues) => Promise<unknown>;
  update: (id: string, values: RuleValues, ifMatch: string | undefined) => Promise<unknown>;
  remove: (id: string) => Promise<unknown>;
  tryOut: (body: DryRun) => Promise<DryRunView>;
}

const headersOf = (ifMatch: string | undefined) => ({ headers: { ...(ifMatch && { 'If-Match': ifMatch }) } });

const operatorBody = ({ name, when, enabled, role, roleIds }: RuleValues) => ({
  name,
  when,
  enabled,
  then: { role, roleIds },
});
const organizationBody = (values: RuleValues) => {
  const { then, ...rest } = operatorBody(values);
  return { ...rest, then: { ...then, unitIds: values.unitIds } };
};

export const operatorRules: RuleLevel = {
  orgId: undefined,
  list: pages(['access-rules', 'operator'], (page, signal) => listOperatorAccessRules({ query: page, signal })),
  get: async (accessRuleId) => (await getOperatorAccessRule({ path: { accessRuleId } })).data,
  create: (values) => createOperatorAccessRule({ body: operatorBody(values) }),
  update: (accessRuleId, values, ifMatch) =>
    updateOperatorAccessRule({ path: { accessRuleId }, body: operatorBody(values), ...headersOf(ifMatch) }),
  remove: (accessRuleId) => deleteOperatorAccessRule({ path: { accessRuleId } }),
  tryOut: async (body) => (await tryOperatorAccessRule({ body })).data,
};

export const organizationRules = (orgId: string): RuleLevel => ({
  orgId,
  list: pages(['access-rules', orgId], (page, signal) => listAccessRules({ path: { orgId }, query: page, signal })),
  get: async (accessRuleId) => (await getAccessRule({ path: { orgId, accessRuleId } })).data,
  create: (values) => createAccessRule({ path: { orgId }, body: organizationBody(values) }),
  update: (accessRuleId, values, ifMatch) =>
    updateAccessRule({ path: { orgId, accessRuleId }, body: organizationBody(values), ...headersOf(ifMatch) }),
  remove: (accessRuleId) => deleteAccessRule({ path: { orgId, accessRuleId } }),
  tryOut: async (body) => (await tryAccessRule({ path: { orgId }, body })).data,
});

export const ruleSearch = ({ rule }: Record<string, unknown>): { rule?: string } =>
  typeof rule === 'string' && rule ? { rule } : {};
