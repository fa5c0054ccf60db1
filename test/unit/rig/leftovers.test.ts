/** What a killed test run has left is removed by the next one, and nothing else. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bridgeName, makeEngineFolder, removeLeftovers } from '../../rig/leftovers.ts';

const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const ip = (...args: string[]): boolean => spawnSync('ip', args, { env: ENV, stdio: 'ignore' }).status === 0;

function place(...folders: string[]): string {
  const base = mkdtempSync(join(tmpdir(), 'leftovers-'));
  onTestFinished(() => rmSync(base, { recursive: true }));
  for (const folder of folders) mkdirSync(join(base, folder, 'data'), { recursive: true });
  return base;
}

test('folders of dead runs are removed, unless their engine still lives', () => {
  const { pid } = spawnSync('true');
  const ending = `shakedown-docker-${pid}-ending`;
  const kept = [`shakedown-docker-${pid}-other-1`, `docker-${pid}-abcdef`, 'shakedown-docker-abcdef', ending];
  const base = place(`shakedown-docker-${pid}-abcdef`, `shakedown-podman-${pid}-abcdef`, ...kept);
  writeFileSync(join(base, ending, 'pid'), String(process.pid));
  const own = makeEngineFolder('docker', base);
  removeLeftovers(ENV, base);
  expect(
    readdirSync(base)
      .map((name) => join(base, name))
      .sort(),
  ).toEqual([own, ...kept.map((name) => join(base, name))].sort());
});

test.runIf(process.getuid?.() === 0)('so are their bridges, and what is mounted in their folders', () => {
  const { pid } = spawnSync('true');
  const folder = `shakedown-docker-${pid}-abcdef`;
  const base = place(folder, 'precious');
  writeFileSync(join(base, 'precious/data/file'), '');
  spawnSync('mount', ['--bind', join(base, 'precious'), join(base, folder, 'data')]);
  const [dead, live] = [`shaken${pid}`, bridgeName()];
  const made = [dead, live].filter((name) => ip('link', 'add', 'name', name, 'type', 'bridge'));
  const bridges = (): string[] => made.filter((name) => ip('link', 'show', name));
  onTestFinished(() => {
    for (const name of bridges()) ip('link', 'delete', name);
  });
  removeLeftovers(ENV, base);
  expect(readdirSync(base)).toEqual(['precious']);
  expect(readdirSync(join(base, 'precious/data'))).toEqual(['file']);
  expect(bridges()).toEqual(made.filter((name) => name === live));
});
