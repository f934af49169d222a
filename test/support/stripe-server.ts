import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

export interface StripeServer {
  url: string;
  /** Sessions by id. Tests can change them. */
  sessions: Map<string, Json>;
  intents: Map<string, Json>;
  disputes: Json[];
  refunds: Json[];
  /** The received requests: method, path, and form fields. */
  asked: { method: string; path: string; form: URLSearchParams; headers: IncomingMessage['headers'] }[];
  /** Payment methods that were detached. */
  detached: string[];
  /**
   * Replaces the response: a status, a closed connection, or no response at all. `lost` and `late` execute the request
   * and then close the connection, or do not respond.
   */
  trouble: number | 'off' | 'mute' | 'lost' | 'late' | null;
  close(): Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const metadataOf = (form: URLSearchParams, prefix: string): Json =>
  Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      const key = name.startsWith(`${prefix}[`) ? name.slice(prefix.length + 1, -1) : null;
      return key === null ? [] : [[key, value]];
    }),
  );

/** Payment methods that fail, and why. */
const CARDS: Record<string, string> = { pm_declined: 'card_declined', pm_asks: 'authentication_required' };

/** Starts the part of Stripe's API that top-ups use, on this machine. */
export async function startStripeServer(): Promise<StripeServer> {
  const byKey = new Map<string, Json>();
  const charges = new Map<string, { asked: string; answer: [number, Json] }>();
  let made = 0;
  const list = (data: Json[]) => ({ object: 'list', data, has_more: false });
  const chargeFor = (form: URLSearchParams): [number, Json] => {
    const asked = form.get('payment_method') ?? '';
    const code = CARDS[asked];
    const id = `pi_auto_${++made}`;
    const status = asked === 'pm_slow' ? 'processing' : code ? 'requires_payment_method' : 'succeeded';
    const intent: Json = {
      id,
      object: 'payment_intent',
      status,
      amount: Number(form.get('amount')),
      amount_received: Number(form.get('amount')),
      currency: form.get('currency'),
      metadata: metadataOf(form, 'metadata'),
      last_payment_error: code ? { type: 'card_error', code } : null,
    };
    stand.intents.set(id, intent);
    return code
      ? [402, { error: { type: 'card_error', code, message: 'no', payment_intent: intent } }]
      : [200, { ...intent }];
  };
  const answerTo = (method: string, url: URL, form: URLSearchParams, key: string | undefined): [number, Json] => {
    const path = url.pathname.replace('/v1', '');
    if (path === '/checkout/sessions' && method === 'POST') {
      const known = byKey.get(key ?? '');
      if (known) return [200, known];
      if (form.get('line_items[0][price_data][unit_amount]') === '77') {
        return [400, { error: { type: 'invalid_request_error', code: 'amount_too_small', message: 'too small' } }];
      }
      const id = `cs_test_${++made}`;
      const session: Json = {
        id,
        object: 'checkout.session',
        url: `https://checkout.stripe.test/${id}`,
        status: 'open',
        payment_status: 'unpaid',
        payment_intent: null,
        amount_total: Number(form.get('line_items[0][price_data][unit_amount]')),
        currency: form.get('line_items[0][price_data][currency]'),
        client_reference_id: form.get('client_reference_id'),
        metadata: metadataOf(form, 'metadata'),
      };
      stand.sessions.set(id, session);
      byKey.set(key ?? '', session);
      return [200, session];
    }
    if (path === '/payment_intents' && method === 'POST') {
      const known = charges.get(key ?? '');
      if (known && known.asked !== String(form)) {
        return [
          400,
          { error: { type: 'idempotency_error', message: 'Keys for idempotent requests can only be used once' } },
        ];
      }
      const answer = known?.answer ?? chargeFor(form);
      charges.set(key ?? '', { asked: String(form), answer });
      return answer;
    }
    const detached = /^\/payment_methods\/(\w+)\/detach$/.exec(path)?.[1];
    if (detached) {
      if (stand.detached.includes(detached)) {
        return [400, { error: { type: 'invalid_request_error', message: 'The payment method is not attached' } }];
      }
      stand.detached.push(detached);
      return [200, { id: detached, object: 'payment_method' }];
    }
    if (path === '/checkout/sessions') return [200, list([...stand.sessions.values()])];
    if (path === '/disputes') {
      const payment = url.searchParams.get('payment_intent');
      return [200, list(stand.disputes.filter((one) => payment === null || one.payment_intent === payment))];
    }
    if (path === '/refunds') return [200, list(stand.refunds)];
    const [, , session] = /^\/checkout\/(sessions)\/(\w+)$/.exec(path) ?? [];
    const intent = /^\/payment_intents\/(\w+)$/.exec(path)?.[1];
    const found = stand.sessions.get(session ?? '') ?? stand.intents.get(intent ?? '');
    if (!found) return [404, { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'no' } }];
    const whole = stand.intents.get(String(found.payment_intent));
    return [200, whole ? { ...found, payment_intent: whole } : found];
  };
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '', 'http://stripe');
      const form = new URLSearchParams(await bodyOf(request));
      const { method = '', headers } = request;
      stand.asked.push({ method, path: url.pathname, form, headers });
      if (stand.trouble === 'off') {
        request.socket.destroy();
        return;
      }
      if (stand.trouble === 'mute') return;
      const silent = stand.trouble === 'lost' || stand.trouble === 'late';
      const [status, body]: [number, Json] =
        typeof stand.trouble === 'number'
          ? [stand.trouble, { error: { type: 'api_error', message: 'trouble' } }]
          : answerTo(method, url, form, headers['idempotency-key'] as string | undefined);
      if (silent) {
        if (stand.trouble === 'lost') request.socket.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stand: StripeServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions: new Map(),
    intents: new Map(),
    disputes: [],
    refunds: [],
    detached: [],
    asked: [],
    trouble: null,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return stand;
}
