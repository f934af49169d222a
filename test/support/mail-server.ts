import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail extends Email {
  /** Who it was handed over for, whatever its headers say. */
  recipients: string[];
  raw: string;
}

export interface MailServer {
  url: string;
  port: number;
  received: ReceivedMail[];
  /** The response to a recipient. Undefined accepts the mail. */
  answer: (recipient: string) => Error | undefined;
  /** Returns the mails to `address`, oldest first, once there are `count` of them. */
  to(address: string, count?: number): Promise<ReceivedMail[]>;
  close(): Promise<void>;
}

const FOREVER = 400;

/** Starts a real mail server on this machine. */
export async function startMailServer(port = 0): Promise<MailServer> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo: ({ address }, _session, done) => done(mails.answer(address) ?? null),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const keep = async () => mails.received.push({ ...(await PostalMime.parse(raw)), recipients, raw });
        void keep().finally(() => done(null));
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.server.address() as AddressInfo).port;
  const mails: MailServer = {
    url: `smtp://127.0.0.1:${bound}`,
    port: bound,
    received: [],
    answer: () => undefined,
    async to(address, count = 1) {
      for (let tries = 0; tries < FOREVER; tries++) {
        const found = mails.received.filter(({ recipients }) => recipients.includes(address));
        if (found.length >= count) return found;
        await sleep(25);
      }
      throw new Error(`no mail to ${address}`);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mails;
}
