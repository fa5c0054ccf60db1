/** Services in containers as a config words them, and what can be wrong with them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { type SharedContainer, showCommand } from '../../../src/core/suite.ts';

const LIBRARY = resolve(import.meta.dirname, '../../../src/index.ts');
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'container-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function load(options: object, kind: string | undefined = 'container') {
  const file = join(dir, 'shakedown.config.json');
  const components = { check: { kind: 'command', run: 'check', needs: ['db'] } };
  writeFileSync(file, JSON.stringify({ services: { db: { kind, ...options } }, components }));
  return loadConfig(file, { cwd: dir, library: LIBRARY });
}
async function built(options: object): Promise<SharedContainer> {
  const suite = await load(options);
  if (!suite.ok) throw new Error(JSON.stringify(suite.error));
  const [shared] = suite.value.shared;
  if (shared?.type !== 'container') throw new Error('no container');
  return shared;
}
async function mistakes(options: object, kind?: string): Promise<string[]> {
  const suite = await load(options, kind);
  return suite.ok ? [] : suite.error.map(({ message }) => message);
}

test('a port of a container is published on a free one; on the network of the host it is the port', async () => {
  const db = await built({
    image: 'postgres:16',
    port: 5432,
    ports: [9000],
    ready: { exec: 'pg_isready -p $PORT' },
  });
  expect(db).toMatchObject({
    name: 'db',
    stopsByImage: true,
    service: { port: 0, ready: { type: 'exec' }, stop: { signal: 'SIGTERM' } },
    container: { image: { type: 'name', name: 'postgres:16', timeout: 300_000 }, ports: [5432, 9000] },
  });
  expect(showCommand(db.service.command)).toBe('docker run postgres:16');
  const fixed = await built({ image: 'a', port: { container: 80, host: 8080 }, stop: 'SIGINT' });
  expect(fixed).toMatchObject({ stopsByImage: false, service: { port: 8080 }, container: { ports: [80] } });
  const onHost = await built({ image: 'a', port: 80, network: 'host', stop: { command: 'quit' } });
  expect(onHost).toMatchObject({ stopsByImage: true, service: { port: 80 }, container: { ports: [] } });
});

test('paths are relative to the folder of the config', async () => {
  mkdirSync(join(dir, 'image'));
  writeFileSync(join(dir, 'image/Dockerfile'), '');
  const { container } = await built({
    build: './image',
    port: 1,
    volumes: ['./image:/x:ro', 'named:/y', '/z'],
  });
  expect(container).toMatchObject({
    image: { type: 'build', context: join(dir, 'image'), file: null, target: null, timeout: 600_000 },
    volumes: [`${join(dir, 'image')}:/x:ro`, 'named:/y', '/z'],
  });
});

test.for<[object, string]>([
  [{ port: 1 }, 'container "db" has neither `image` nor `build`'],
  [{ image: 'a', build: '.', port: 1 }, 'container "db" has both `image` and `build`'],
  [{ image: 'a' }, 'service "db" has neither a port nor `ready`'],
  [{ image: 'a', port: 0 }, 'in a container there is no need for a free port'],
  [{ image: 'a', command: 'postgres -c x', port: 1 }, '"command" must be a list of words'],
  [{ image: 'a', port: 1, network: 'none' }, 'a container without a network has no ports'],
  [{ image: 'a', port: 1, ports: [2], network: 'host' }, 'its ports are those of this machine already'],
  [
    { image: 'a', port: { container: 1, host: 2 }, network: 'host' },
    'the port in the container is the port of this machine',
  ],
  [
    { image: 'a', port: 1, ready: { all: [{ port: 2 }] } },
    'port 2 is not the one at which the container is reached',
  ],
  [
    { image: 'a', port: 1, network: 'suite', fresh: true },
    'in the network of the suite there can be only one of that name',
  ],
  [{ image: 'a', port: 1, options: ['--memory=1g', '--rm'] }, '--rm is set by Shakedown'],
  [{ image: 'a', port: 1, stop: { to: 'all' } }, 'a signal always goes to the first process of a container'],
  [{ image: 'a', port: 1, volumes: ['./nowhere:/x'] }, 'the file or folder ./nowhere does not exist'],
  [{ build: './nowhere', port: 1 }, 'the folder ./nowhere does not exist'],
  [{ build: '.', port: 1 }, 'the file Dockerfile in . does not exist'],
  [{ build: { context: '.', file: 'Other' }, port: 1 }, 'the file Other does not exist'],
  [{ image: 'a', port: 1, run: 'x' }, 'there is no option "run" here'],
])('%j: %s', async ([options, message]) => {
  const found = await mistakes(options);
  expect(found).toEqual([expect.stringContaining(message)]);
});

test('only a container has a health check', async () => {
  expect(await built({ image: 'a', ready: { healthy: true } })).toMatchObject({
    service: { ready: { type: 'healthy' } },
  });
  expect(await mistakes({ run: 'x', ready: { healthy: true } }, 'service')).toEqual([
    'a health check is a part of an image, and this service runs in no container',
  ]);
});
