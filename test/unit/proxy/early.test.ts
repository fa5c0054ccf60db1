/** A proxy may report before its runner knows that it has been started, and others may talk to its runner as well. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { FaultProxy } from '../../../src/proxy/fault-proxy.ts';
import { ORDER_VARIABLE, type ProxyOrder } from '../../../src/proxy/protocol.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/**
 * A proxy whose start is slower than what it starts.
 *
 * @param meet is called before it has started, with what a real one is told
 */
async function startSlowly(meet: (order: ProxyOrder) => Promise<void>): Promise<FaultProxy> {
  const { context } = new FakeAttempt();
  const openOwner: typeof context.openOwner = (id) => {
    const owner = context.openOwner(id);
    const spawn = owner.spawn.bind(owner);
    owner.spawn = async (command, options, onStart) => {
      await meet(JSON.parse(options.env[ORDER_VARIABLE] ?? '') as ProxyOrder);
      // One turn more, in which the runner accepts it.
      await new Promise((resolve) => setImmediate(resolve));
      return spawn(command, options, onStart);
    };
    return owner;
  };
  const options = { name: 'proxy', faults: [], isApart: false, onDie: () => {} };
  const started = await FaultProxy.start(options, { ...context, openOwner, seed: 1 });
  if (!started.ok) throw new Error(started.error.message);
  return started.value;
}

/** Talks to the runner. */
async function say(control: number, text: string): Promise<Socket> {
  const speaker = connect({ host: '127.0.0.1', port: control });
  speaker.on('error', () => {});
  sockets.push(speaker);
  await once(speaker, 'connect');
  await new Promise((resolve) => speaker.write(text, resolve));
  return speaker;
}

const greeting = (token: string): string =>
  [
    { type: 'up', token, network: null },
    { type: 'listening', port: 7 },
  ]
    .map((each) => `${JSON.stringify(each)}\n`)
    .join('');

test('what it says then is heard', async () => {
  const proxy = await startSlowly(async ({ control, token }) => void (await say(control, greeting(token))));
  expect(await proxy.port).toBe(7);
  await proxy.end();
});

const NONSENSE = {
  ...{ nothing: 'null\n', 'a number': '5\n', 'a text': '"token"\n', 'a list': '[]\n' },
  ...{ 'another token': '{"token":1}\n', 'a request': 'GET / HTTP/1.1\r\n\r\n' },
  'a line without an end': 'x'.repeat(100_000),
};

test.each(Object.entries(NONSENSE))(
  'a stranger who says %s is sent away, and nothing else happens',
  async (_, nonsense) => {
    const strangers: Socket[] = [];
    const proxy = await startSlowly(async ({ control, token }) => {
      strangers.push(await say(control, nonsense));
      await say(control, greeting(token));
    });
    expect(await proxy.port).toBe(7);
    const [stranger] = strangers;
    if (stranger?.destroyed === false) await once(stranger, 'close');
    await proxy.end();
  },
);
