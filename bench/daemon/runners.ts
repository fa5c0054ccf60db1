/** Who is compared. Peers are no dependencies: each is installed by its own registry's client, into a folder of the bench. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { interruption } from '../rounds.ts';
import { SHAKEDOWN } from '../suite.ts';

const run = promisify(execFile);

/** Where things are. */
export interface Places {
  /** Holds what is installed, and the project. */
  readonly folder: string;
  /** A copy of `bench/daemon`, below the folder, so that what it imports is found there. */
  readonly project: string;
}

export interface Runner {
  readonly id: string;
  readonly title: string;
  /** @returns its version. @throws when it cannot be had */
  readonly install: (places: Places, limitMs: number) => Promise<string>;
  readonly command: (places: Places, trial: Trial) => readonly [string, ...string[]];
}

export interface Trial {
  readonly port: number;
  /** The server puts itself into the background. */
  readonly daemon: boolean;
}

const NPM_LIMIT = 120_000;

async function npmInstall(folder: string, name: string, range: string, limitMs: number): Promise<string> {
  const manifest = join(folder, 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) {
    const own = join(folder, 'package.json');
    if (!existsSync(own)) writeFileSync(own, '{ "private": true }\n');
    // Saved, since npm takes away what is not when it installs the next one.
    await run('npm', ['install', '--no-audit', '--no-fund', `${name}@${range}`], {
      cwd: folder,
      timeout: Math.min(limitMs, NPM_LIMIT),
      signal: interruption.signal,
    });
  }
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

const http = ({ daemon }: Trial): string => (daemon ? './http --daemon' : './http');
const client = ({ port }: Trial): string => `./client ${port}`;
const script = (places: Places, path: string): [string, string] => [
  process.execPath,
  join(places.folder, 'node_modules', path),
];

async function firstLine(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(program, args);
  return stdout.split('\n')[0] ?? '';
}

export const RUNNERS: readonly Runner[] = [
  {
    id: 'shakedown',
    title: 'Shakedown',
    install: async () => (await run(process.execPath, [SHAKEDOWN, '--version'])).stdout.trim(),
    command: ({ project }, { port, daemon }) => [
      process.execPath,
      SHAKEDOWN,
      'http',
      '--dir',
      project,
      '--port',
      String(port),
      daemon ? '--daemon' : '--foreground',
    ],
  },
  {
    id: 'bash',
    title: 'bash script, kill by pid file',
    install: async () => /version ([\d.]+)/.exec(await firstLine('bash', '--version'))?.[1] ?? '?',
    command: () => ['./run.sh'],
  },
  {
    id: 'start-server-and-test',
    title: 'start-server-and-test',
    // Version 3 needs Node 22.
    install: ({ folder }, limitMs) => npmInstall(folder, 'start-server-and-test', '^2', limitMs),
    command: (places, trial) => [
      ...script(places, 'start-server-and-test/src/bin/start.js'),
      http(trial),
      `http://127.0.0.1:${trial.port}/`,
      client(trial),
    ],
  },
  {
    id: 'concurrently',
    title: 'concurrently',
    // Version 10 needs Node 22.
    install: ({ folder }, limitMs) => npmInstall(folder, 'concurrently', '^9', limitMs),
    command: (places, trial) => [
      ...script(places, 'concurrently/dist/bin/concurrently.js'),
      // The launcher of a daemon ends at once, and well: that must not end the client.
      trial.daemon ? '--kill-others-on-fail' : '--kill-others',
      '--success',
      'command-client',
      '--names',
      'server,client',
      http(trial),
      client(trial),
    ],
  },
  {
    id: 'playwright',
    title: 'Playwright webServer',
    install: ({ folder }, limitMs) => npmInstall(folder, '@playwright/test', '^1', limitMs),
    command: (places) => [...script(places, '@playwright/test/cli.js'), 'test'],
  },
  {
    id: 'nextest',
    title: 'cargo-nextest',
    install: async ({ folder, project }, limitMs) => {
      const root = join(folder, 'nextest');
      const program = join(root, 'bin', 'cargo-nextest');
      if (!existsSync(program))
        await run(
          'cargo',
          [
            ...['install', 'cargo-nextest', '--locked', '--root', root],
            // Without the part that updates it, which takes longest to compile.
            ...['--no-default-features', '--features', 'default-no-update'],
          ],
          { timeout: limitMs, signal: interruption.signal, maxBuffer: 1e8 },
        );
      const manifest = join(project, 'nextest', 'Cargo.toml');
      await run(program, ['nextest', 'run', '--no-run', '--manifest-path', manifest], { timeout: limitMs });
      return (await firstLine(program, 'nextest', '--version')).split(' ')[1] ?? '?';
    },
    command: ({ folder, project }) => [
      join(folder, 'nextest', 'bin', 'cargo-nextest'),
      ...['nextest', 'run', '--offline', '--manifest-path', join(project, 'nextest', 'Cargo.toml')],
    ],
  },
  {
    id: 'process-compose',
    title: 'process-compose',
    install: async ({ folder }, limitMs) => {
      const bin = join(folder, 'process-compose');
      await run('go', ['install', 'github.com/f1bonacc1/process-compose/src@latest'], {
        env: { ...process.env, GOBIN: bin },
        timeout: limitMs,
        signal: interruption.signal,
      });
      return firstLine(join(bin, 'src'), 'version', '--short');
    },
    command: ({ folder }) => [join(folder, 'process-compose', 'src'), 'up', '--tui=false', '--no-server'],
  },
];

/** gunicorn and Flask, in an environment of their own. @returns gunicorn's version */
export async function installServer({ folder }: Places, limitMs: number): Promise<string> {
  const bin = venvPath(folder);
  const options = { timeout: limitMs, signal: interruption.signal };
  if (!existsSync(join(bin, 'gunicorn'))) {
    mkdirSync(folder, { recursive: true });
    await run('python3', ['-m', 'venv', join(folder, 'venv')], options);
    await run(join(bin, 'pip'), ['install', '--quiet', 'gunicorn', 'flask'], options);
  }
  return /version ([\w.]+)/.exec(await firstLine(join(bin, 'gunicorn'), '--version'))?.[1] ?? '?';
}

const venvPath = (folder: string): string => join(folder, 'venv', 'bin');

/** What is found by its name: gunicorn of the environment, and this Node. */
export const searchPath = ({ folder }: Places): string =>
  [venvPath(folder), dirname(process.execPath), process.env.PATH].join(delimiter);
