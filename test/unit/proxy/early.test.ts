/** A proxy may report before its runner knows that it has been started. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { FaultProxy } from '../../../src/proxy/fault-proxy.ts';
import { ORDER_VARIABLE, type ProxyOrder } from '../../../src/proxy/protocol.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';

let socket: Socket | undefined;
afterEach(() => socket?.destroy());

test('what it says then is heard', async () => {
  const { context } = new FakeAttempt();
  /** An owner whose start is slower than what it starts. */
  const openOwner: typeof context.openOwner = (id) => {
    const owner = context.openOwner(id);
    const spawn = owner.spawn.bind(owner);
    owner.spawn = async (command, options, onStart) => {
      const { control, token } = JSON.parse(options.env[ORDER_VARIABLE] ?? '') as ProxyOrder;
      socket = connect({ host: '127.0.0.1', port: control });
      const messages = [
        { type: 'up', token, network: null },
        { type: 'listening', port: 7 },
      ];
      await once(socket, 'connect');
      await new Promise((resolve) =>
        socket?.write(messages.map((each) => `${JSON.stringify(each)}\n`).join(''), resolve),
      );
      // One turn more, in which the runner accepts it.
      await new Promise((resolve) => setImmediate(resolve));
      return spawn(command, options, onStart);
    };
    return owner;
  };
  const options = { name: 'proxy', faults: [], isApart: false, onDie: () => {} };
  const started = await FaultProxy.start(options, { ...context, openOwner, seed: 1 });
  if (!started.ok) throw new Error(started.error.message);
  expect(await started.value.port).toBe(7);
  await started.value.end();
});
