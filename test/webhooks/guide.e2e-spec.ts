import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { newPerson, type Person, signInAdmin } from '../support/people.js';
import { Receiver } from '../support/receiver.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let admin: Person;
let one: Organization;
let sections: Map<string, string[]>;
const closings: (() => unknown)[] = [];

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  const staff = await signInAdmin(app);
  admin = await newPerson(app, 'guide-admin');
  one = await newOrganization(staff, 'Guided', admin);
  const guide = await readFile('docs/guides/webhooks.md', 'utf8');
  sections = new Map(
    guide
      .split(/^## /m)
      .map((section) => [
        section.split('\n', 1)[0] ?? '',
        [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, script = '']) => script),
      ]),
  );
});
afterAll(async () => {
  for (const close of closings) await close();
  await app.close();
});

/** Runs a program to its end, or fails with what it wrote. */
async function output(command: string, args: string[], env: Record<string, string>): Promise<string> {
  const child = spawn(command, args, { env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
  return stdout;
}

/** Runs the commands of a section as a reader pastes them, and returns their answers. */
async function paste(title: string, variables: Record<string, string> = {}, edited = (commands: string) => commands) {
  const [begin = ''] = [...sections.values()][0] ?? [];
  const commands = edited((sections.get(title) ?? []).join(''));
  if (!commands) throw new Error(`the guide has no commands in ${title}`);
  const lines = await output('bash', ['-ec', begin + commands], {
    api: `${app.origin}/t/demo/api/v1`,
    org: one.id,
    token: admin.accessToken,
    ...variables,
  });
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Starts the receiver of the guide, which prints each event it got. */
async function startExample(secret: string) {
  const child = spawn(process.execPath, ['docs/examples/webhook-receiver.mjs'], {
    env: { ...process.env, SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closings.push(() => child.kill());
  const events = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const [begin] = await once(createInterface({ input: child.stderr }), 'line');
  return {
    url: String(begin).replace('receives at ', ''),
    next: async () => JSON.parse(String((await events.next()).value)),
  };
}

/** A machine with only Node and git may have neither. */
const describeShell = ['bash', 'curl'].every((program) => spawnSync(program, ['--version']).status === 0)
  ? describe
  : describe.skip;

describeShell('pasted into a shell,', () => {
  it('the commands of the guide work as they are, and its receiver gets what they send', async () => {
    const first = await Receiver.start();
    closings.push(() => first.close());
    const [created] = await paste('Create', {}, (text) => text.replace('https://example.com/webhooks', first.url));
    expect(created).toMatchObject({ url: first.url, description: 'CRM', active: true });
    const { id: hook, secret } = created;
    const example = await startExample(secret);
    await admin.client.patch(`${one.path}/webhooks/${hook}`, { url: example.url });

    const [test] = await paste('Test', { hook });
    expect(test).toMatchObject({ type: 'webhook.test', status: expect.any(String) });
    expect(await example.next()).toMatchObject({ type: 'webhook.test', id: test.id });
    await admin.client.patch(one.path, { name: 'Guided again' });
    expect(await example.next()).toMatchObject({
      type: 'organization.updated',
      data: { after: { name: 'Guided again' } },
    });

    const [on] = await paste('When a receiver fails', { hook });
    expect(on).toMatchObject({ id: hook, active: true });
    const [failed, shown] = await paste('Look at deliveries', { hook, delivery: test.id });
    expect([failed.items, shown.id]).toEqual([[], test.id]);
    expect(JSON.parse(shown.request.body).type).toBe('webhook.test');
    const [replayed, all] = await paste('Replay', { hook, delivery: test.id });
    expect(replayed.id).toBe(test.id);
    expect(all).toEqual({ replayed: 2 });
    const [rotated] = await paste('Rotate the secret', { hook });
    expect(rotated.secret).not.toBe(secret);
    expect(await paste('Delete', { hook })).toEqual([]);
    expect((await admin.client.get(`${one.path}/webhooks/${hook}`)).status).toBe(404);
  });
});

it('the receiver of the guide takes an event once, and nothing without its signature', async () => {
  const receiver = await Receiver.start();
  closings.push(() => receiver.close());
  const { body: hook } = await admin.client.post(`${one.path}/webhooks`, { url: receiver.url, eventTypes: ['*'] });
  await admin.client.post(`${one.path}/webhooks/${hook.id}/test`);
  await receiver.types(1);
  const [received] = receiver.received;
  if (!received) throw new Error('nothing arrived');
  const example = await startExample(hook.secret);
  const send = async (body: string, secret?: string) => {
    const headers = Object.fromEntries(
      Object.entries(received.headers).filter(([name]) => name.startsWith('webhook-')),
    ) as Record<string, string>;
    if (secret !== undefined) headers['webhook-signature'] = secret;
    return (await fetch(example.url, { method: 'POST', body, headers })).status;
  };
  expect(await send(`${received.text} `)).toBe(401);
  expect(await send(received.text, '')).toBe(401);
  expect([await send(received.text), await send(received.text)]).toEqual([204, 204]);
  expect((await example.next()).type).toBe('webhook.test');
});
