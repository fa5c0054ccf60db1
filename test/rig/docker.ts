/** A real Docker engine of its own, for tests, with an image of a static busybox: nothing is fetched. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../src/files/find-program.ts';

/** Debian puts the daemon where only root looks. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const DOCKERD = findProgram('dockerd', PATH);
const DOCKER = findProgram('docker', PATH);
const BUSYBOX = findProgram('busybox', PATH);
/** The command line of Compose, if it is installed. */
export const COMPOSE = findProgram('docker-compose', PATH);

/** Why there can be no engine here; undefined if there can. */
export const lacking: string | undefined =
  process.getuid?.() !== 0
    ? 'only root can start a Docker engine'
    : DOCKERD === undefined || DOCKER === undefined
      ? 'there is no Docker: apt-get install docker.io'
      : BUSYBOX === undefined
        ? 'there is no static busybox: apt-get install busybox-static'
        : undefined;

/** The image of the tests: a shell, `httpd` and `nc`. */
export const IMAGE = 'busybox:test';

export interface Docker extends AsyncDisposable {
  /** What a run needs to find it. */
  readonly env: { readonly DOCKER_HOST: string };
  /** Runs its command line. @returns what it printed @throws when it fails */
  readonly run: (...args: readonly string[]) => string;
  /** The names of all containers, in whatever state. */
  readonly containers: () => string[];
  readonly volumes: () => string[];
  /** Those that it did not have at first. */
  readonly networks: () => string[];
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const LOOKS = 600;
const LOOK_EVERY = 50;

/**
 * @param bridge whether containers have a network of their own by default; all such engines of a machine share its bridge
 * @throws with what the daemon said, when the machine does not permit it
 */
export async function startDocker({ bridge } = { bridge: true }): Promise<Docker> {
  if (DOCKERD === undefined || DOCKER === undefined || BUSYBOX === undefined) throw new Error(lacking);
  const dir = mkdtempSync(join(tmpdir(), 'docker-'));
  const host = `unix://${dir}/docker.sock`;
  const log = join(dir, 'dockerd.log');
  const out = openSync(log, 'a');
  const hadBridge = !bridge || spawnSync('test', ['-e', '/sys/class/net/docker0']).status === 0;
  const child = spawn(
    DOCKERD,
    [
      ...['--iptables=false', '--ip6tables=false', '--ip-masq=false', '--ip-forward=false'],
      ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec')],
      ...['--pidfile', join(dir, 'pid'), '--host', host],
      ...(bridge ? [] : ['--bridge=none']),
    ],
    { stdio: ['ignore', out, out], env: { ...process.env, PATH }, detached: true },
  );
  const env = { ...process.env, PATH, DOCKER_HOST: host };
  const run = (...args: readonly string[]): string =>
    execFileSync(DOCKER, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  await untilUp(child, () => spawnSync(DOCKER, ['version'], { env, stdio: 'ignore' }).status === 0, log);
  makeImage(dir, run, BUSYBOX);
  const networks = (): string[] => lines(run('network', 'ls', '--format', '{{.Name}}'));
  const first = networks();
  return {
    env: { DOCKER_HOST: host },
    run,
    containers: () => lines(run('ps', '--all', '--format', '{{.Names}}')),
    volumes: () => lines(run('volume', 'ls', '--quiet')),
    networks: () => networks().filter((name) => !first.includes(name)),
    [Symbol.asyncDispose]: async () => {
      for (const name of lines(run('ps', '--all', '--quiet'))) run('rm', '--force', '--volumes', name);
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      if (!hadBridge) spawnSync('ip', ['link', 'delete', 'docker0'], { stdio: 'ignore', env });
      // The engine leaves a namespace mounted.
      spawnSync('umount', [join(dir, 'exec/netns/default')], { stdio: 'ignore', env });
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function untilUp(child: ChildProcess, isUp: () => boolean, log: string): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (isUp()) return;
    if (child.exitCode !== null || child.signalCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  child.kill('SIGKILL');
  throw new Error(`the Docker engine does not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
}

const APPLETS = [
  'sh',
  'echo',
  'sleep',
  'nc',
  'httpd',
  'cat',
  'ls',
  'env',
  'kill',
  'true',
  'false',
  'test',
  'touch',
  'wget',
  'dd',
  'tail',
  'mkdir',
];

function makeImage(dir: string, run: Docker['run'], busybox: string): void {
  const root = join(dir, 'root');
  for (const folder of ['bin', 'tmp', 'www', 'etc']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(busybox, join(root, 'bin/busybox'));
  chmodSync(join(root, 'bin/busybox'), 0o755);
  for (const name of APPLETS) symlinkSync('busybox', join(root, 'bin', name));
  const tar = join(dir, 'root.tar');
  execFileSync('tar', ['-C', root, '-cf', tar, '.']);
  run('import', '--change', 'ENV PATH=/bin', tar, IMAGE);
}
