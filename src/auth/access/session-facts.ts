/** SQL columns of `SessionFacts`, from a session with the alias `s`. */
export const SESSION_FACTS = `s.method, s.factors, s.sso_organization_id as "ssoOrganizationId",
  extract(epoch from now() - s.created_at)::float8 as "ageSeconds",
  extract(epoch from now() - s.last_used_at)::float8 as "idleSeconds"`;
