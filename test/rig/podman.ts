/** Podman with a storage of its own, for tests, with the same image as the Docker engine. It has no daemon. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../src/files/find-program.ts';
import { BUSYBOX, type Engine, IMAGE, importImage, makeRoot } from './docker.ts';
import { makeEngineFolder, removeEngineFolder, removeLeftovers } from './leftovers.ts';

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const PODMAN = findProgram('podman', PATH);

/** Why it cannot be tried; undefined if it can. */
export const lackingPodman: string | undefined =
  process.getuid?.() !== 0
    ? 'only root can use Podman everywhere'
    : PODMAN === undefined
      ? 'there is no Podman: apt-get install podman'
      : BUSYBOX === undefined
        ? 'there is no static busybox: apt-get install busybox-static'
        : undefined;

/** Limits that need no privilege: the usual ones are above those of some machines. */
const CONF = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

/** @throws with what it said, when the machine does not permit it */
export async function startPodman(): Promise<Engine> {
  if (PODMAN === undefined || BUSYBOX === undefined) throw new Error(lackingPodman);
  removeLeftovers({ ...process.env, PATH });
  const dir = makeEngineFolder('podman');
  const root = join(dir, 'root');
  makeRoot(root, BUSYBOX);
  writeFileSync(join(dir, 'containers.conf'), CONF);
  writeFileSync(
    join(dir, 'storage.conf'),
    `[storage]\ndriver = "overlay"\ngraphroot = "${dir}/graph"\nrunroot = "${dir}/run"\n`,
  );
  const own = {
    SHAKEDOWN_ENGINE: 'podman',
    CONTAINERS_CONF: join(dir, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(dir, 'storage.conf'),
  };
  const env = { ...process.env, PATH, ...own };
  const run = (...args: readonly string[]): string =>
    execFileSync(PODMAN, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = (...args: readonly string[]): string[] =>
    run(...args)
      .split('\n')
      .filter((line) => line !== '');
  const dispose = async (): Promise<void> => {
    spawnSync(PODMAN, ['rm', '--all', '--force', '--volumes'], { env, stdio: 'ignore' });
    removeEngineFolder(dir);
  };
  try {
    importImage(run, root, IMAGE, ['ENV PATH=/bin']);
    run('run', '--rm', IMAGE, 'true');
  } catch (error) {
    await dispose();
    throw error;
  }
  const networks = (): string[] => lines('network', 'ls', '--format', '{{.Name}}');
  const first = networks();
  return {
    env: own,
    run,
    containers: () => lines('ps', '--all', '--format', '{{.Names}}'),
    volumes: () => lines('volume', 'ls', '--quiet'),
    networks: () => networks().filter((name) => !first.includes(name)),
    [Symbol.asyncDispose]: dispose,
  };
}
