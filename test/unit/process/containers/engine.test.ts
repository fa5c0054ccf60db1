/** Which engine is used, and what is said where there is none. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findEngine } from '../../../../src/process/containers/engine.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'engine-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A command line that answers with an exit code. */
function program(name: string, code: number, complaint = ''): void {
  const file = join(dir, name);
  writeFileSync(file, `#!/bin/sh\necho '${complaint}' >&2\nexit ${code}\n`);
  chmodSync(file, 0o755);
}
const find = (env: Readonly<Record<string, string>> = {}) =>
  findEngine({ directory: { run: '20261127-090000-abcdef' }, env: { PATH: dir, ...env } });

test('Docker comes first; Podman, where Docker is missing, silent or not wanted', async () => {
  program('podman', 0);
  expect(await find()).toMatchObject({ ok: true, value: { name: 'podman' } });
  program('docker', 1, 'Cannot connect to the Docker daemon');
  expect(await find()).toMatchObject({ ok: true, value: { name: 'podman' } });
  program('docker', 0);
  expect(await find()).toMatchObject({ ok: true, value: { name: 'docker', program: join(dir, 'docker') } });
  expect(await find({ SHAKEDOWN_ENGINE: 'podman' })).toMatchObject({ ok: true, value: { name: 'podman' } });
});

test('what was tried is said, and what to do', async () => {
  expect(await find()).toMatchObject({
    ok: false,
    error: {
      message: 'docker is not installed; podman is not installed',
      hint: expect.stringContaining('install Docker or Podman'),
    },
  });
  program('docker', 1, 'Cannot connect to the Docker daemon');
  const mute =
    'docker is installed, but does not answer: Cannot connect to the Docker daemon; podman is not installed';
  expect(await find()).toMatchObject({
    ok: false,
    error: { message: mute, hint: expect.stringContaining('systemctl start docker') },
  });
  expect(await find({ DOCKER_HOST: 'tcp://1.2.3.4:5' })).toMatchObject({
    ok: false,
    error: { hint: expect.stringContaining('DOCKER_HOST is tcp://1.2.3.4:5') },
  });
  expect(await find({ SHAKEDOWN_ENGINE: 'lxc' })).toMatchObject({
    ok: false,
    error: { message: 'SHAKEDOWN_ENGINE is "lxc", which is no container engine' },
  });
});
