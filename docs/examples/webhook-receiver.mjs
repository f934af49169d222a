// Receives webhooks of Trellis (docs/guides/webhooks.md) and prints each event once, as a line of JSON:
//
//   npm install standardwebhooks
//   SECRET=whsec_… PORT=3001 node webhook-receiver.mjs
import { createServer } from 'node:http';
import process from 'node:process';
import { Webhook } from 'standardwebhooks';

const { SECRET = '', PORT = '3001' } = process.env;
const webhook = new Webhook(SECRET);
/** Ids of events that were handled. Keep them in a database, in the transaction that handles the event. */
const handled = new Set();

async function receive(request, response) {
  // The signature is that of the bytes, so verify before parsing.
  const parts = [];
  for await (const part of request) parts.push(part);
  let event;
  try {
    event = webhook.verify(Buffer.concat(parts), request.headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  const id = request.headers['webhook-id'];
  if (!handled.has(id)) {
    handled.add(id);
    console.log(JSON.stringify({ id, ...event }));
  }
  response.writeHead(204).end();
}

const server = createServer((request, response) => {
  // A body that ends too early is not answered, and arrives again.
  receive(request, response).catch(() => response.destroy());
});
server.listen(Number(PORT), '127.0.0.1', () => console.error(`receives at http://127.0.0.1:${server.address().port}`));
