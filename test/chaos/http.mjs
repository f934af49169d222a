import http from 'node:http';

/** Far longer than the server may take. After that no response will arrive. */
const SILENCE_MS = 40_000;

/** No complete response arrived, so the request may or may not have taken effect. */
export class Lost extends Error {}

/** Sends one request and returns its response: {status, headers, body}. Throws Lost. */
export function send(port, { method = 'POST', path, headers = {}, body, agent }) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const lose = (error) => reject(new Lost(error.code ?? error.message));
    const request = http.request({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent,
      timeout: SILENCE_MS,
      headers: {
        ...headers,
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    });
    request.on('timeout', () => request.destroy(new Error('silent')));
    request.on('error', lose);
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      // An error before the end means that the connection was cut.
      response.on('error', lose);
      response.on('close', () => {
        if (!response.complete) return lose(new Error('cut'));
        const { statusCode: status, headers: received } = response;
        try {
          resolve({ status, headers: received, body: JSON.parse(Buffer.concat(chunks).toString('utf8') || 'null') });
        } catch {
          lose(new Error('no JSON'));
        }
      });
    });
    request.end(text);
  });
}
