import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSuite } from '../../../src/config/discover.ts';

const library = resolve(import.meta.dirname, '../../../src/index.ts');
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'foreground-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function load(server: object, choice: object = { daemon: false }): ReturnType<typeof loadSuite> {
  const config = {
    components: { api: { kind: 'http', server, client: 'true' }, other: { kind: 'command', run: 'true' } },
  };
  writeFileSync(join(cwd, 'shakedown.config.json'), JSON.stringify(config));
  return loadSuite({ cwd, library, ...choice });
}

const DAEMON = { run: './app --daemon', daemon: true, port: 0 };

test('a daemon of a config is run by its command for the foreground', async () => {
  const loaded = await load({ ...DAEMON, foreground: './app' });
  if (!loaded.ok) throw new Error(loaded.error[0]?.message);
  expect(loaded.value.components[0]).toMatchObject({
    services: [{ command: { line: './app' }, daemon: false, foreground: null }],
  });
  expect(loaded.value.components[1]).toMatchObject({ kind: 'command' });
});

test('one that has none is told how to get it', async () => {
  const loaded = await load(DAEMON);
  if (loaded.ok) throw new Error('it was taken');
  expect(loaded.error).toEqual([
    {
      message: '--foreground: server of api does not say how it is run in the foreground',
      hint: "give its service the command, as in foreground: './server'",
    },
  ]);
});

test('without a daemon it changes nothing, and says so', async () => {
  const loaded = await load({ run: './app', port: 0 });
  if (loaded.ok) throw new Error('it was taken');
  expect(loaded.error[0]?.message).toBe(
    '--foreground changes nothing: no service of shakedown.config.json has daemon: true',
  );
});

test('--port names the option of the port alone', async () => {
  const loaded = await load(DAEMON, { port: 9000 });
  if (loaded.ok) throw new Error('it was taken');
  expect(loaded.error).toEqual([
    {
      message: '--port can only be used with a folder of scripts',
      hint: 'in a config, set `port` of the service instead',
    },
  ]);
});

test('a daemon that components share is run in the foreground too', async () => {
  const config = {
    services: { api: { ...DAEMON, foreground: './app' }, seed: { kind: 'task', run: 'seed' } },
    components: { a: { kind: 'command', run: 'true', needs: ['api', 'seed'] } },
  };
  writeFileSync(join(cwd, 'shakedown.config.json'), JSON.stringify(config));
  const loaded = await loadSuite({ cwd, library, daemon: false });
  if (!loaded.ok) throw new Error(loaded.error[0]?.message);
  expect(loaded.value.shared).toMatchObject([
    { service: { command: { line: './app' }, daemon: false, foreground: null } },
    { type: 'task' },
  ]);
});
