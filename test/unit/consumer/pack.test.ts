/** What each package manager is told to pack a folder, with fakes in place of their processes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ConsumerFailure } from '../../../src/consumer/failure.ts';
import { packFolder } from '../../../src/consumer/pack.ts';
import type { Result } from '../../../src/core/result.ts';
import type { RunDirectory } from '../../../src/store/run-directory.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';
import type { FakeCommand } from '../../rig/fake-processes.ts';

interface Packing {
  readonly dir: string;
  readonly done: Promise<Result<string, ConsumerFailure>>;
  /** The command of a step. */
  readonly started: (step: string) => Promise<FakeCommand>;
}

/** @param installed what is on the PATH */
function pack(packageManager: string, installed: readonly string[]): Packing {
  const dir = mkdtempSync(join(tmpdir(), 'pack-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const folder of ['bin', 'a/.git', 'run']) mkdirSync(join(dir, folder), { recursive: true });
  for (const name of installed) writeFileSync(join(dir, 'bin', name), '', { mode: 0o755 });
  writeFileSync(join(dir, 'a/package.json'), JSON.stringify({ packageManager }));
  const attempt = new FakeAttempt();
  const context = {
    ...attempt.context,
    directory: { path: join(dir, 'run') } as RunDirectory,
    env: { PATH: join(dir, 'bin') },
  };
  const done = packFolder(join(dir, 'a'), context);
  return { dir, done, started: (step) => attempt.processes.started(`try.1/${step}`) };
}

/** The folder in a command where the tarball is to be. */
const target = ({ command }: FakeCommand): string => command.split(' ').at(-1) ?? '';

test.each([
  ['npm@11.0.0', 'npm pack --pack-destination'],
  ['pnpm@10.2.0', 'pnpm pack --pack-destination'],
  ['bun@1.3.0', 'bun pm pack --destination'],
])('%s is told where by its folder', async (packageManager, words) => {
  const { dir, done, started } = pack(packageManager, [packageManager.replace(/@.*/, '')]);
  const command = await started('pack');
  expect(command.command).toContain(`${dir}/bin/${words} ${dir}/run/packed-`);
  expect(command.options.cwd).toBe(join(dir, 'a'));
  writeFileSync(join(target(command), 'a-1.0.0.tgz'), '');
  command.finish(0);
  expect(await done).toEqual({ ok: true, value: join(target(command), 'a-1.0.0.tgz') });
});

test.each([
  ['yarn@1.22.22', '1.22.22', '--filename'],
  ['yarn@4.1.0', '4.9.2', '--out'],
  ['yarn', '3.8.0', '--out'],
])('%s is told by the name of a file, as %s wants it', async (packageManager, version, option) => {
  const { dir, done, started } = pack(packageManager, ['yarn']);
  const asked = await started('version');
  asked.print(`${version}\n`);
  asked.finish(0);
  const command = await started('pack');
  expect(command.command).toContain(`yarn pack ${option} ${dir}/run/packed-`);
  writeFileSync(target(command), '');
  command.finish(0);
  expect(await done).toEqual({ ok: true, value: target(command) });
});

test('the other Yarn is not asked to pack', async () => {
  const { dir, done, started } = pack('yarn@4.1.0', ['yarn']);
  const asked = await started('version');
  asked.print('1.22.22\n');
  asked.finish(0);
  expect(await done).toMatchObject({
    error: {
      blame: 'machine',
      message: `${dir}/a cannot be packed: ${dir}/a/package.json names yarn@4.1.0, and the yarn on the PATH is 1.22.22, not Yarn since 2`,
      hint: 'install it: npm install --global @yarnpkg/cli-dist@4.1.0',
    },
  });
});

test.each([
  ['pnpm@10.2.0', ['npm'], 'pnpm', 'npm install --global pnpm@10.2.0'],
  ['yarn@1.22.22', ['npm'], 'yarn', 'npm install --global yarn@1.22.22'],
  ['pnpm', ['npm', 'corepack'], 'pnpm', 'corepack enable pnpm (or npm install --global pnpm)'],
  ['bun@1.3.0', ['npm', 'corepack'], 'bun', 'npm install --global bun@1.3.0'],
])('%s that is not installed is not replaced by npm', async (packageManager, installed, name, install) => {
  const { dir, done } = pack(packageManager, installed);
  expect(await done).toMatchObject({
    error: {
      blame: 'machine',
      message: `${dir}/a cannot be packed: ${dir}/a/package.json names ${packageManager}, and ${name} is not installed, or not on the PATH`,
      hint: `install it: ${install}`,
    },
  });
});

test('one that Shakedown does not know is said', async () => {
  const { dir, done } = pack('vlt@1.0.0', ['npm']);
  expect(await done).toMatchObject({
    error: {
      message: `${dir}/a cannot be packed: ${dir}/a/package.json names vlt@1.0.0, which Shakedown does not know`,
    },
  });
});

test('one that fails is quoted', async () => {
  const { dir, done, started } = pack('pnpm@10.2.0', ['pnpm']);
  const command = await started('pack');
  command.print('ERR_PNPM_PACKAGE_VERSION_NOT_FOUND  Package version is not defined\n');
  command.finish(1);
  expect(await done).toMatchObject({
    error: {
      blame: 'package',
      message: `${dir}/a cannot be packed: pnpm exited with code 1: ERR_PNPM_PACKAGE_VERSION_NOT_FOUND  Package version is not defined`,
    },
  });
});

test.each([
  'Cannot resolve workspace protocol of dependency "core". Try running "pnpm install".',
  'error: Failed to resolve workspace version for "core" in `dependencies`. Run `bun install` and try again.',
])('a project that was never installed is not a fault of the package: %s', async (line) => {
  const { done, started } = pack('pnpm@10.2.0', ['pnpm']);
  const command = await started('pack');
  command.print(`${line}\n`);
  command.finish(1);
  expect(await done).toMatchObject({
    error: { blame: 'machine', hint: 'run pnpm install there first', evidence: [line] },
  });
});

test('one that makes nothing is not believed', async () => {
  const { done, started } = pack('bun@1.3.0', ['bun']);
  (await started('pack')).finish(0);
  expect(await done).toMatchObject({
    error: { message: expect.stringContaining('bun pm pack made no tarball') },
  });
});
