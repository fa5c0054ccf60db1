/** The config of a folder of scripts is the convention written out: both are read as the same suite. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConvention } from '../../../src/config/convention.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { lookAtProject } from '../../../src/starter/look/index.ts';
import { propose } from '../../../src/starter/propose/index.ts';
import { configText } from '../../../src/starter/write.ts';

const LIBRARY = resolve(import.meta.dirname, '../../../src/index.ts');
const FILES = [['setup'], ['thread'], ['http', 'client'], ['init'], ['typestubs.py']];
const SUBSETS = Array.from({ length: 2 ** FILES.length }, (_, bits) =>
  FILES.flatMap((names, index) => ((bits >> index) & 1 ? names : [])),
).filter((names) => names.some((name) => name !== 'setup'));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shakedown-convention-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(dir: string, names: readonly string[]): void {
  mkdirSync(join(root, dir), { recursive: true });
  for (const name of names) {
    writeFileSync(join(root, dir, name), '#!/bin/sh\ntrue\n');
    chmodSync(join(root, dir, name), 0o755);
  }
}

async function bothOf(dir: string) {
  const options = { cwd: root, port: 8001, daemon: true, memory: 'debug', raw: false } as const;
  const byConvention = await loadConvention(dir, options);
  const file = join(root, 'shakedown.config.ts');
  const proposal = propose(lookAtProject(root, dir, process.env.PATH));
  writeFileSync(file, configText(proposal));
  const byConfig = await loadConfig(file, { cwd: root, library: LIBRARY });
  if (!byConvention.ok || !byConfig.ok) throw new Error(JSON.stringify([byConvention, byConfig]));
  return { convention: byConvention.value, config: byConfig.value, proposal };
}

test.each(SUBSETS.map((names) => [names.join(' '), names] as const))('%s', async (_, names) => {
  write('integration', names);
  const { convention, config } = await bothOf('integration');
  expect(config.components).toEqual(convention.components);
  expect(config.setup).toEqual(convention.setup);
  expect(config.memory).toBe(convention.memory);
  expect(config.env).toEqual(convention.env);
});

test.each(['python3', 'node', 'sh'])('a thread in %s is looked at as closely', async (interpreter) => {
  write('integration', ['thread']);
  writeFileSync(join(root, 'integration/thread'), `#!/usr/bin/env ${interpreter}\n`);
  const { convention, config } = await bothOf('integration');
  expect(config.components).toEqual(convention.components);
});

test('in a folder of another name, further down', async () => {
  write('test/trial', ['thread', 'http', 'client']);
  const { convention, config } = await bothOf('test/trial');
  expect(config.components).toEqual(convention.components);
});

test('programs that the folder has for itself are found', async () => {
  write('integration', ['thread']);
  write('integration/node_modules/.bin', ['tool']);
  const { proposal } = await bothOf('integration');
  expect(proposal.suite.components.thread).toMatchObject({
    run: 'PATH="$PWD/node_modules/.bin:$PATH" exec ./thread',
    cwd: 'integration',
  });
});

describe('what the convention refuses', () => {
  test('a server without a client gets the built-in one', async () => {
    write('integration', ['http']);
    const { suite } = propose(lookAtProject(root, 'integration', undefined));
    expect(suite.components.http).toMatchObject({
      kind: 'http',
      client: { kind: 'load' },
      services: { http: { port: 8001 } },
    });
  });

  test('a script that cannot be run is left out and told', async () => {
    write('integration', ['thread', 'init']);
    chmodSync(join(root, 'integration/init'), 0o644);
    const { suite, notes } = propose(lookAtProject(root, 'integration', undefined));
    expect(Object.keys(suite.components)).toEqual(['thread']);
    expect(notes).toEqual(['integration/init is not executable: chmod +x integration/init']);
  });
});
