/** A target that ends each connection without a word is looked at by TLS, once, and the hint tells what was seen. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LoadPlan } from '../../../src/core/load.ts';
import { runLoad } from '../../../src/load/engine/run.ts';
import { selfSigned } from '../../rig/certificates.ts';
import { closed, planFor } from './plans.ts';

async function listen(server: Server, path?: string): Promise<number> {
  server.listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return path === undefined ? (server.address() as AddressInfo).port : 0;
}

const secure = (): Server => {
  const [cert, key] = selfSigned();
  return createHttps({ cert, key }, (_, response) => response.end('hello'));
};

async function hintOf(plan: LoadPlan): Promise<string | undefined> {
  const { findings, verdict } = await runLoad(plan, { version: '' });
  expect(verdict).toBe('failed');
  return findings.find(({ code }) => code === 'zero-work')?.hint;
}

const few = { model: closed(2), limit: { type: 'requests', requests: 4 } } as const;

test.each(['http1', 'http2'] as const)('%s to a server that speaks TLS', async (protocol) => {
  const port = await listen(secure());
  const plan = planFor(`http://127.0.0.1:${port}/path`, { ...few, protocol });
  expect(await hintOf(plan)).toBe(
    `the target speaks TLS: use https://127.0.0.1:${port}/path (in a suite: \`https: true\`)`,
  );
});

test('to one on a unix socket', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tls-look-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const unixSocket = join(dir, 'socket');
  await listen(secure(), unixSocket);
  const plan = planFor('http://localhost/', few);
  expect(await hintOf({ ...plan, target: { ...plan.target, unixSocket } })).toContain('https://localhost/');
});

test('a server that closes each connection, and speaks nothing, is looked at once more and not blamed for TLS', async () => {
  let connections = 0;
  let hellos = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      if (bytes[0] === 0x16) hellos += 1;
      socket.end();
    });
  });
  const port = await listen(server);
  expect(await hintOf(planFor(`http://127.0.0.1:${port}/`, few))).toBeUndefined();
  expect(connections).toBeGreaterThan(1);
  expect(hellos).toBe(1);
});
