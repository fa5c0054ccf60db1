/** `shakedown cluster dev`, and what Ctrl-C does to it and to an agent, whatever that is about. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lackingServer, TEMPORAL } from '../rig/cluster.ts';
import { processesWith } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';

const env = { PATH: `${dirname(TEMPORAL ?? '')}:${process.env.PATH}` };

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe.skipIf(lackingServer !== undefined)(`a server for one machine ${lackingServer ?? ''}`, () => {
  test('is ready, says what to do next, and ends with Ctrl-C, as agents do, and when it is killed', async () => {
    await using rig = await Rig.create();
    const port = await rig.freePort();
    const dev = () => rig.start(['cluster', 'dev', '--port', String(port)], env);
    const address = `localhost:${port}`;
    const server = dev();
    await server.output(/--agents 1 --join/);
    expect(server.stdout).toBe(
      [
        `shakedown cluster: a server for this machine is ready at ${address}\n`,
        `  shakedown agent --join ${address}\n`,
        `  shakedown load URL --agents 1 --join ${address}\n`,
      ].join(''),
    );
    expect(await isOpen(port)).toBe(true);
    const second = await dev().exit();
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toMatch(/something listens on port \d+ already\n.*choose another --port/);

    const target = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
    const agentOf = (pool: string) => rig.start(['agent', '--join', address, '--pool', pool]);
    const loadOf = (pool: string, agents: string) =>
      rig.start(['load', url, '--join', address, '--pool', pool, '--agents', agents, '--duration', '60s']);
    const [ready, waiting, sending] = [agentOf('ready'), agentOf('waiting'), agentOf('sending')];
    await Promise.all([ready, waiting, sending].map((agent) => agent.output(/ready for loads/)));
    const loads = [loadOf('waiting', '2'), loadOf('sending', '1')];
    await waiting.output(/has part [12]/);
    await once(target, 'request');
    for (const agent of [ready, waiting, sending]) agent.kill('SIGINT');
    for (const agent of [ready, waiting, sending])
      expect(await agent.exit(), agent.stderr).toMatchObject({ signal: 'SIGINT', stderr: '' });
    for (const load of loads) load.kill('SIGINT');
    await Promise.all(loads.map((load) => load.exit()));
    target.closeAllConnections();
    target.close();

    server.kill('SIGINT');
    expect(await server.exit()).toMatchObject({ signal: 'SIGINT' });
    expect(await isOpen(port)).toBe(false);
    expect(processesWith('temporal', String(port))).toEqual([]);

    const killed = dev();
    await killed.output(/is ready/);
    killed.kill('SIGKILL');
    await expect.poll(() => processesWith('temporal', String(port)), { timeout: 25_000 }).toEqual([]);
  });
});
