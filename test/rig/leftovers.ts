/**
 * What engines of tests leave outside of any project: folders with mounts in them, and bridges. They have the pid of their maker in
 * their names, so that what a killed test run has left can be told, and the next one removes it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canSignal } from '../../src/process/system/proc.ts';

export type EngineName = 'docker' | 'podman';

/** @returns absolute path of a new folder */
export const makeEngineFolder = (engine: EngineName, base: string = tmpdir()): string =>
  mkdtempSync(join(base, `shakedown-${engine}-${process.pid}-`));

/** The kernel takes no more than 15 characters. */
export const bridgeName = (): string => `shaken${process.pid}`;

const NAMES = [/^shakedown-(?:docker|podman)-(\d+)-\w{6}$/, /^shaken(\d+)$/];

/** @returns those that a dead process has made */
const left = (names: readonly string[]): string[] =>
  names.filter((name) => NAMES.some((pattern) => isDead(pattern.exec(name)?.[1])));

const isDead = (pid: string | undefined): boolean => pid !== undefined && !canSignal(Number(pid));

/** An engine may need a while to end after who has started it. */
function isInUse(folder: string): boolean {
  try {
    return canSignal(Number(readFileSync(join(folder, 'pid'), 'latin1')));
  } catch {
    return false;
  }
}

/** @returns the mounts in a folder, the innermost first */
const mountsIn = (folder: string): string[] =>
  readFileSync('/proc/self/mounts', 'latin1')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();

/** Removes a folder, unless something in it is mounted from elsewhere and cannot be unmounted. */
export function removeEngineFolder(folder: string): void {
  for (const path of mountsIn(folder)) spawnSync('umount', ['--lazy', path], { stdio: 'ignore' });
  if (mountsIn(folder).length === 0) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** @param env finds the program `ip` */
export const removeBridge = (name: string, env: NodeJS.ProcessEnv): void =>
  void spawnSync('ip', ['link', 'delete', name], { env, stdio: 'ignore' });

/** Removes what test runs have left that are dead. */
export function removeLeftovers(env: NodeJS.ProcessEnv, base: string = tmpdir()): void {
  for (const name of left(readdirSync(base))) {
    const folder = join(base, name);
    if (!isInUse(folder)) removeEngineFolder(folder);
  }
  for (const name of left(readdirSync('/sys/class/net'))) removeBridge(name, env);
}
