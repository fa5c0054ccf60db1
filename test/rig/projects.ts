/**
 * Small projects of many kinds, with what they need installed: once, by the ordinary clients, into a folder outside of the
 * repository. A test gets a copy of its own.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const FIXTURES = resolve(import.meta.dirname, '../fixtures/projects');
const { XDG_CACHE_HOME: base = '' } = process.env;
const CACHE = join(base === '' ? join(homedir(), '.cache') : base, 'shakedown-test-projects');
const TOOLS = join(CACHE, 'tools-2/node_modules/.bin');
/** By itself: its program is called like that of the older one. */
const BERRY = join(CACHE, 'yarn-berry');

/** What brings a project into the state in which somebody works on it. */
export interface Preparation {
  /** For a shell, in the folder of the project. */
  readonly command: string;
  /** What it makes, as far as it is to be had in a copy. */
  readonly makes: readonly string[];
}

export const NPM: Preparation = { command: 'npm install', makes: ['node_modules', 'package-lock.json'] };
export const PNPM: Preparation = { command: 'pnpm install', makes: ['node_modules', 'pnpm-lock.yaml'] };
export const YARN: Preparation = { command: 'yarn install', makes: ['node_modules', 'yarn.lock'] };

export const BUN: Preparation = { command: 'bun install', makes: ['node_modules', 'bun.lock'] };

/** Yarn 4, called by the older one as a project names it; with its packages in zip files that Node reads from where they are. */
export const YARN_PNP: Preparation = {
  command: [
    'printf "yarnPath: %s\\nenableGlobalCache: false\\nenableTelemetry: false\\nenableImmutableInstalls: false\\n" "$BERRY_PROGRAM" > .yarnrc.yml',
    // What makes it a project of its own, whatever lies in the folders above.
    'touch yarn.lock',
    'yarn install',
  ].join(' && '),
  makes: ['.yarnrc.yml', '.pnp.cjs', '.pnp.loader.mjs', '.yarn', 'yarn.lock'],
};

/** A virtual environment with these. */
export const venv = (packages: string): Preparation => ({
  command: `python3 -m venv .venv && .venv/bin/python -m pip install --quiet ${packages}`,
  makes: ['.venv'],
});

/** Managers of packages that are themselves packages. */
const MANAGERS = 'pnpm@9.15.9 yarn@1.22.22 bun@1.2.21';
const YARN_BERRY = '@yarnpkg/cli-dist@4.9.2';

/** The environment in which a project is prepared and tried. */
export const projectEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [TOOLS, process.env.PATH].join(delimiter),
  // Names that begin with YARN_ are settings of its own.
  BERRY_PROGRAM: join(BERRY, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js'),
  // What runs the tests is no part of the project.
  VITEST: undefined,
  NODE_ENV: undefined,
  NO_COLOR: '1',
  NEXT_TELEMETRY_DISABLED: '1',
});

export const hasProgram = (name: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;

/** Why something could not be installed: most often there is no network. */
export class NotInstalled extends Error {}

function run(command: string, cwd: string): void {
  try {
    execFileSync('sh', ['-c', command], { cwd, env: projectEnvironment(), stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new NotInstalled(
      `${command}: ${`${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-12).join('\n')}`,
    );
  }
}

/** Made beside its place and put there when it is whole: runs side by side may want the same. */
function onceAt(place: string, make: (draft: string) => void): void {
  if (existsSync(place)) return;
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(join(CACHE, 'draft-'));
  try {
    make(draft);
    if (!existsSync(place)) renameSync(draft, place);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function contentOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory()
        ? contentOf(path)
        : [`${path.slice(FIXTURES.length)}\n${readFileSync(path, 'utf8')}`];
    });
}

const copy = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });

/** @returns the folder that holds the project as prepared */
function prepared(name: string, { command }: Preparation): string {
  if (/\b(?:pnpm|yarn|bun) install/.test(command))
    onceAt(join(CACHE, 'tools-2'), (draft) => run(`npm install --prefix . ${MANAGERS}`, draft));
  if (command.includes('BERRY_PROGRAM'))
    onceAt(BERRY, (draft) => run(`npm install --prefix . ${YARN_BERRY}`, draft));
  const content = [command, process.version, ...contentOf(join(FIXTURES, name))].join('\0');
  const place = join(CACHE, `${name}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`);
  onceAt(place, (draft) => {
    copy(join(FIXTURES, name), draft);
    run(command, draft);
  });
  return place;
}

/** A copy of a project, which goes with the test. */
export class Project implements Disposable {
  readonly dir: string;

  /** @throws NotInstalled */
  constructor(name: string, preparation?: Preparation) {
    mkdirSync(join(CACHE, 'copies'), { recursive: true });
    const from = preparation === undefined ? undefined : prepared(name, preparation);
    this.dir = mkdtempSync(join(CACHE, 'copies', `${name}-`));
    copy(join(FIXTURES, name), this.dir);
    // Thousands of files that nobody writes to: links to them do.
    for (const made of preparation?.makes ?? [])
      execFileSync('cp', ['-al', join(from ?? '', made), join(this.dir, made)]);
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
