/** The introduction of the API document, in CommonMark. */
export const INTRODUCTION = `
Trellis manages the organizations of a platform: their members, roles, sign-in, branding, credits and payments.

## Base path
Operations of an operator are below \`/t/{operator}/api/v1\`. \`{operator}\` is the operator's slug. Operations below
\`/admin\` manage the structure; \`/account\` is the signed-in user.

## Signing in
\`POST /auth/login\` with an email address and a password returns an \`accessToken\` and a \`refreshToken\`. Send the access
token as \`Authorization: Bearer …\`. When it expires, \`POST /auth/token\` exchanges the refresh token for a new pair. A
response with \`mfaRequired\` asks for a second factor (\`POST /auth/mfa\`). The error
\`auth.organization_selection_required\` lists organizations to choose from (\`POST /auth/select-organization\`). Programs send
an API key of an organization (\`trl_…\`) or of the operator (\`trl_op_…\`) in the same header.

Pages of this server send \`Trellis-Session: cookie\` with these operations. The refresh token then stays in a cookie that no
script can read and that only these operations get.

## Ids, times and amounts
Ids are UUIDs. Times are ISO 8601 in UTC. Credits are decimal strings with at most six fraction digits.

## Lists
Lists take \`limit\` (1 to 100, default 25) and \`cursor\`, and return \`{items, nextCursor, limit}\`. Pass \`nextCursor\` as
\`cursor\` until it is null. \`count=true\` adds \`total\`. Use a cursor only with the filters and the sort it came from.

## Errors
Every error is \`application/problem+json\` (RFC 9457). Act on \`code\`: codes never change, texts may. Each operation lists its
codes in \`x-error-codes\`; \`/docs/errors\` explains them. \`errors\` lists invalid fields, each with a \`code\` and its \`params\`
for your own texts. Resources you cannot see return 404; actions you are not allowed to
perform return 403. Quote \`requestId\` when you ask for support.

## Concurrent changes
A response with an \`ETag\` can be sent back in \`If-Match\`. A change whose \`If-Match\` is out of date returns 412.

## Idempotency
Send an \`Idempotency-Key\` with a POST to repeat it safely: the effect happens once, and a repetition returns the first
response with \`Idempotent-Replayed: true\`. Operations that move credits require one.

## Rate limits
Requests beyond the limit return 429 with \`Retry-After\`.
`.trim();

/** Tags in the order of the reference page. */
export const TAGS: readonly { name: string; description: string }[] = [
  { name: 'Sign-in', description: 'Register, sign in, sign out, renew tokens and reset passwords.' },
  { name: 'Account', description: "The signed-in user's profile, sessions, factors, identities and organizations." },
  { name: 'Organizations', description: 'Create, edit, suspend, delete and restore organizations.' },
  { name: 'Members', description: 'Members of operators, organizations and units, and their roles.' },
  { name: 'Invitations', description: 'Invite users by email.' },
  { name: 'Roles', description: 'Built-in, functional and custom roles, and role templates.' },
  { name: 'Access rules', description: 'Grant roles by conditions on attributes of a user.' },
  { name: 'API keys', description: 'Credentials for programs that act in an organization.' },
  { name: 'Units', description: 'Parts of an organization, such as projects or workspaces.' },
  { name: 'Branding', description: 'Names, colors and logos, inherited from operator to organization to unit.' },
  { name: 'Sign-in settings', description: 'Rules for signing in, inherited from operator to organization.' },
  {
    name: 'Single sign-on',
    description: 'Connections to identity providers (OpenID Connect, SAML) and claimed domains.',
  },
  { name: 'SCIM', description: 'Provisioning of users and groups by an identity provider (SCIM 2.0).' },
  { name: 'Variables', description: 'Configuration values and secrets, inherited down to units.' },
  { name: 'Credits', description: 'Balances, charges, holds, grants, adjustments and limits.' },
  { name: 'Top-ups', description: 'Buy credits: packages, payments, receipts and automatic top-up.' },
  { name: 'Payments', description: 'Receive events from payment providers.' },
  { name: 'Plans', description: 'Plans that organizations can subscribe to.' },
  { name: 'Subscriptions', description: 'The plan of an organization.' },
  { name: 'Runs', description: 'Long-running work that is charged by time.' },
  { name: 'Webhooks', description: 'Addresses that get events, signed as Standard Webhooks describes.' },
  { name: 'Artifacts', description: 'Files that workloads made, described by name, address and hash.' },
  { name: 'Reports', description: 'Usage, forecasts and statements.' },
  { name: 'Clusters', description: 'Pools of resources where work runs, with prices.' },
  {
    name: 'Templates',
    description: 'Documents that operators publish, and that organizations and units render with variables.',
  },
  { name: 'Content', description: 'Notices, help pages and policies that operators publish to organizations.' },
  { name: 'Audit', description: 'The log of changes, and proof that it is complete.' },
  { name: 'Clients', description: 'Services that accept access tokens, and token introspection (RFC 7662).' },
  { name: 'Users', description: 'Accounts of an operator.' },
  { name: 'Operators', description: 'Operators of the platform and their own settings.' },
  { name: 'Health', description: 'Probes, metrics and signing keys. They need no access token.' },
];
