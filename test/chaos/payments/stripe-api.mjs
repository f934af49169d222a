import { once } from 'node:events';
import http from 'node:http';
import { chargeOf } from './stripe-books.mjs';

/** Share of requests that fail, by how. `lost` and `mute` take effect without a response. */
const TROUBLE = [
  [94, 'none'],
  [1, 'cut'],
  [1, 'broken'],
  [2, 'lost'],
  [1, 'mute'],
];
/** What becomes of a payment with a saved method. */
const CHARGES = [
  [14, 'pay'],
  [2, 'decline'],
  [1, 'ask'],
  [3, 'process'],
];
const NOT_FOUND = [404, { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'no' } }];
const list = (data) => ({ object: 'list', data, has_more: false });

async function readForm(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

const metadataOf = (form) => ({
  topUpId: form.get('metadata[topUpId]'),
  organizationId: form.get('metadata[organizationId]'),
});

/** The part of Stripe's API that top-ups use. It outlives the servers, and sometimes fails. */
export class StripeApi {
  /** Responses by idempotency key, as Stripe keeps them. */
  answers = new Map();
  troubles = 0;
  calm = true;

  constructor(books, random) {
    this.books = books;
    this.random = random;
    this.server = http.createServer((request, response) => {
      this.receive(request, response).catch((error) => response.destroy(error));
    });
  }

  async listen() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async receive(request, response) {
    const trouble = this.calm ? 'none' : this.random.weighted(TROUBLE);
    if (trouble !== 'none') this.troubles++;
    const form = await readForm(request);
    const broken = [500, { error: { type: 'api_error', message: 'trouble' } }];
    const refuses = trouble === 'cut' || trouble === 'broken';
    const [status, body] = refuses ? broken : this.answer(request, form);
    if (trouble === 'cut' || trouble === 'lost') request.socket.destroy();
    else if (trouble !== 'mute')
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  answer({ method, url, headers }, form) {
    const { pathname, searchParams } = new URL(url, this.url);
    const path = pathname.replace('/v1', '');
    if (method === 'POST') return this.once(headers['idempotency-key'], form, () => this.post(path, form));
    if (path === '/disputes') return [200, list(this.disputesOf(searchParams.get('payment_intent')))];
    const [, kind, id] = /^\/(checkout\/sessions|payment_intents)\/(\w+)$/.exec(path) ?? [];
    const { sessions, payments } = this.books;
    if (kind === 'payment_intents' && payments.has(id)) return [200, this.whole(payments.get(id))];
    const session = kind === 'checkout/sessions' ? sessions.get(id) : undefined;
    if (!session) return NOT_FOUND;
    const payment = payments.get(session.payment_intent);
    return [200, payment ? { ...session, payment_intent: this.whole(payment) } : session];
  }

  /** Answers a repeated key with the first response. The same key for something else is refused. */
  once(key, form, work) {
    const known = this.answers.get(key);
    if (known && known.asked !== String(form)) return [400, { error: { type: 'idempotency_error', message: 'no' } }];
    const answer = known?.answer ?? work();
    this.answers.set(key, { asked: String(form), answer });
    return answer;
  }

  post(path, form) {
    if (path === '/checkout/sessions') {
      const session = this.books.open({
        topUpId: form.get('client_reference_id'),
        amount: Number(form.get('line_items[0][price_data][unit_amount]')),
        currency: form.get('line_items[0][price_data][currency]'),
        metadata: metadataOf(form),
        keeps: form.has('payment_intent_data[setup_future_usage]'),
      });
      return [200, structuredClone(session)];
    }
    return path === '/payment_intents' ? this.charge(form) : NOT_FOUND;
  }

  charge(form) {
    const { books, random } = this;
    const payment = books.begin({
      amount: Number(form.get('amount')),
      currency: form.get('currency'),
      metadata: metadataOf(form),
      customer: form.get('customer'),
      method: form.get('payment_method'),
    });
    const how = random.weighted(CHARGES);
    if (how === 'pay') books.pay(payment);
    else if (how === 'process') books.process(payment);
    else {
      const code = how === 'ask' ? 'authentication_required' : 'card_declined';
      books.decline(payment, code);
      const refused = structuredClone(payment.intent);
      return [402, { error: { type: 'card_error', code, message: 'no', payment_intent: refused } }];
    }
    return [200, structuredClone(payment.intent)];
  }

  /** A payment with its charge, as it is when both are asked for. */
  whole(payment) {
    const paid = payment.intent.status === 'succeeded';
    return { ...payment.intent, latest_charge: paid ? chargeOf(payment) : null };
  }

  disputesOf(id) {
    return this.books.payments.get(id)?.disputes ?? [];
  }
}
