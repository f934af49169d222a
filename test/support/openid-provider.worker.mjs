// The provider runs beside the tests and not within: it asks whether objects are of its own realm, and jest has another.
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

console.warn = console.info = () => {};
const { Provider } = await import('oidc-provider');

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const accounts = new Map();
const provider = new Provider(issuer, {
  clients: workerData.clients.map((client) => ({
    response_types: ['code'],
    grant_types: ['authorization_code'],
    ...client,
  })),
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified', 'name', 'given_name', 'family_name', 'groups', 'org_id'],
    profile: [],
  },
  cookies: { keys: ['a key for tests'] },
  features: { devInteractions: { enabled: true } },
  // Without its guard, which lets nothing through to loopback.
  fetch: (url, { method, headers, signal }) => fetch(url, { method, headers, signal }),
  findAccount: (_context, login) => accounts.has(login) && { accountId: login, claims: () => accounts.get(login) },
});
const registered = new Set();
const { redirectUriAllowed } = provider.Client.prototype;
provider.Client.prototype.redirectUriAllowed = function (uri) {
  return registered.has(`${this.clientId} ${uri}`) || redirectUriAllowed.call(this, uri);
};
const answer = provider.callback();
/** Takes the claims of an account or the redirect URI of a client, which are not the provider's own business. */
async function remember(request, response) {
  let body = '';
  for await (const part of request) body += part;
  const { clientId, redirectUri, ...account } = JSON.parse(body);
  if (request.method === 'PATCH') registered.add(`${clientId} ${redirectUri}`);
  else accounts.set(account.sub, account);
  response.end();
}

server.on('request', (request, response) => {
  void (['PUT', 'PATCH'].includes(request.method) ? remember(request, response) : answer(request, response));
});
parentPort.postMessage(issuer);
