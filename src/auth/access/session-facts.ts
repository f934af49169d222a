/** SQL column of the method by which the user proved who they are to this server. Rows of earlier versions have none. */
export const OWN_METHOD = `coalesce(s.own_method, case when s.sso_organization_id is null then s.method end) as "ownMethod"`;

/** SQL columns of `SessionFacts`, from a session with the alias `s`. */
export const SESSION_FACTS = `s.method, s.factors, s.sso_organization_id as "ssoOrganizationId",
  ${OWN_METHOD},
  extract(epoch from now() - s.created_at)::float8 as "ageSeconds",
  extract(epoch from now() - s.signed_in_at)::float8 as "signedInSecondsAgo",
  extract(epoch from now() - s.last_used_at)::float8 as "idleSeconds"`;
