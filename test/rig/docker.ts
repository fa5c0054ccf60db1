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
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../src/files/find-program.ts';
import {
  bridgeName,
  makeEngineFolder,
  removeBridge,
  removeEngineFolder,
  removeLeftovers,
} from './leftovers.ts';

/** Debian puts the daemon where only root looks. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const DOCKERD = findProgram('dockerd', PATH);
const DOCKER = findProgram('docker', PATH);
export const BUSYBOX = findProgram('busybox', PATH);
/** Whether Compose is installed, as a program of its own or a plugin of Docker. */
export const hasCompose: boolean =
  findProgram('docker-compose', PATH) !== undefined ||
  (DOCKER !== undefined && spawnSync(DOCKER, ['compose', 'version'], { stdio: 'ignore' }).status === 0);

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

/** An engine, as tests see it. */
export interface Engine extends AsyncDisposable {
  /** What a run needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs its command line. @returns what it printed @throws when it fails */
  readonly run: (...args: readonly string[]) => string;
  /** The names of all containers, in whatever state. */
  readonly containers: () => string[];
  readonly volumes: () => string[];
  /** Those that it did not have at first. */
  readonly networks: () => string[];
}

export interface Docker extends Engine {
  readonly env: { readonly DOCKER_HOST: string };
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const LOOKS = 600;
const LOOK_EVERY = 50;

/**
 * Addresses that nothing on this machine has, such as another engine of these tests: containers would not be reached.
 *
 * @returns the first two bytes
 */
function freeNetwork(): string {
  const taken = Object.values(networkInterfaces()).flatMap(
    (each) => each?.map(({ address }) => address) ?? [],
  );
  const all = Array.from({ length: 128 }, (_, at) => `10.${64 + ((process.pid + at) % 128)}`);
  const free = all.find((network) => !taken.some((address) => address.startsWith(`${network}.`)));
  if (free === undefined) throw new Error('no network is free for a Docker engine');
  return free;
}

/** @throws with what the daemon said, when the machine does not permit it */
export async function startDocker(): Promise<Docker> {
  if (DOCKERD === undefined || DOCKER === undefined || BUSYBOX === undefined) throw new Error(lacking);
  removeLeftovers({ ...process.env, PATH });
  const dir = makeEngineFolder('docker');
  const host = `unix://${dir}/docker.sock`;
  const log = join(dir, 'dockerd.log');
  const out = openSync(log, 'a');
  const ip = (...args: readonly string[]): void => {
    execFileSync('ip', args, { env: { ...process.env, PATH }, stdio: 'pipe' });
  };
  const bridge = bridgeName();
  const network = freeNetwork();
  ip('link', 'add', 'name', bridge, 'type', 'bridge');
  ip('address', 'add', `${network}.0.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  // It ends with whoever has started it, even if nobody comes to dispose of it.
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'TERM', DOCKERD],
      ...['--iptables=false', '--ip6tables=false', '--ip-masq=false', '--ip-forward=false'],
      ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec')],
      ...['--pidfile', join(dir, 'pid'), '--host', host],
      ...['--bridge', bridge, '--default-address-pool', `base=${network}.128.0/17,size=24`],
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
      removeBridge(bridge, env);
      // The engine leaves a namespace mounted.
      removeEngineFolder(dir);
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
  makeRoot(root, busybox);
  importImage(run, root, IMAGE, ['ENV PATH=/bin']);
}

/** Makes the folder of an image: a shell and some tools. */
export function makeRoot(root: string, busybox: string): void {
  for (const folder of ['bin', 'tmp', 'www', 'etc']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(busybox, join(root, 'bin/busybox'));
  chmodSync(join(root, 'bin/busybox'), 0o755);
  for (const name of APPLETS) symlinkSync('busybox', join(root, 'bin', name));
}

/** The files of a small image, as an archive. */
export function smallImage(): Buffer {
  if (BUSYBOX === undefined) throw new Error(lacking);
  const dir = mkdtempSync(join(tmpdir(), 'image-'));
  makeRoot(dir, BUSYBOX);
  const tar = execFileSync('tar', ['-C', dir, '-c', '.'], { maxBuffer: 2 ** 26 });
  rmSync(dir, { recursive: true });
  return tar;
}

/** Makes an image of a folder. @param changes as in a Dockerfile */
export function importImage(
  run: Docker['run'],
  root: string,
  name: string,
  changes: readonly string[],
): void {
  const tar = `${root}.tar`;
  execFileSync('tar', ['-C', root, '-cf', tar, '.']);
  run('import', ...changes.flatMap((change) => ['--change', change]), tar, name);
  rmSync(tar);
}
