/** A suite by convention: a folder of scripts, called the way they already are. */
import { existsSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Absent, Component, MemoryPreset, SetupStep, Suite, TeardownStep } from '../core/suite.ts';
import { binFolders } from '../files/bin-folders.ts';
import { whyNotRunnable } from '../files/runnable.ts';
import { Scope } from '../kinds/common/scope.ts';
import { type BuildByConvention, loadConventions } from '../kinds/index.ts';
import { buildSetup, buildTeardown } from './setup.ts';

export interface ConventionOptions {
  /** The folder's name in messages is relative to this, and `.shakedown/` is kept here: an absolute path. */
  readonly cwd: string;
  readonly port: number;
  /** Whether `http` is started with `--daemon`, or kept as a child. */
  readonly daemon: boolean;
  readonly memory: MemoryPreset;
  /** Whether scripts run bare, without watching for errors inside. */
  readonly raw: boolean;
}

export const DEFAULT_DIR = 'integration';
export const DEFAULT_PORT = 8001;

/** What the folder may contain, in the order in which it runs, and the kind of each. */
const KINDS = { thread: 'command', http: 'http', typestubs: 'types', init: 'command' } as const;
type Name = keyof typeof KINDS;
const ORDER = ['thread', 'http', 'typestubs', 'init'] as const satisfies Name[];
const SAMPLES = ['typestubs.py', 'typestubs.ts'] as const;

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

class Folder {
  readonly components: Component[] = [];
  readonly absent: Absent[] = [];
  readonly unusable: (Diagnostic & { name: string })[] = [];
  readonly #dir: string;
  readonly #scope: Scope;
  readonly #shown: string;
  readonly #options: ConventionOptions;
  readonly #builders: ReadonlyMap<string, BuildByConvention>;

  constructor(
    dir: string,
    shown: string,
    options: ConventionOptions,
    builders: ReadonlyMap<string, BuildByConvention>,
  ) {
    this.#builders = builders;
    this.#dir = dir;
    this.#scope = new Scope(dir);
    this.#shown = shown;
    this.#options = options;
    for (const name of ORDER) {
      if (name === 'http') this.#http();
      else if (name === 'typestubs') this.#typestubs();
      else this.#script(name);
    }
  }

  #add(name: Name, file: string): void {
    const { port, daemon, raw } = this.#options;
    const base = this.#scope.base(name, { onlyWhenNamed: name === 'typestubs' });
    const build = this.#builders.get(KINDS[name]);
    if (build === undefined) throw new Error(`nothing makes a component from ${file}`);
    this.components.push(
      build({ file, dir: this.#dir, port, daemon, isWatched: name === 'thread' && !raw }, base, this.#scope),
    );
  }

  /** Whether a runnable executable of this name exists; if it cannot run, remembers why, in case it is selected. */
  has(name: string, component: string): boolean {
    const path = join(this.#dir, name);
    if (!isFile(path)) return false;
    const reason = whyNotRunnable(path, join(this.#shown, name));
    if (reason !== undefined) this.unusable.push({ name: component, ...reason });
    return reason === undefined;
  }

  #lacks(name: string, file: string): void {
    if (!isFile(join(this.#dir, file)))
      this.absent.push({
        name,
        reason: `there is no executable ${file} in ${this.#shown}`,
        onlyWhenNamed: false,
      });
  }

  #script(name: 'thread' | 'init'): void {
    if (this.has(name, name)) this.#add(name, name);
    else this.#lacks(name, name);
  }

  #http(): void {
    if (!this.has('http', 'http')) {
      this.#lacks('http', 'http');
      return;
    }
    if (!this.has('client', 'http')) {
      if (isFile(join(this.#dir, 'client'))) return;
      const message = `${join(this.#shown, 'http')} has no client: an executable ${join(this.#shown, 'client')} is missing, so nothing would test the server`;
      const hint =
        'add one, or use the built-in client in a config: http({ server: { … }, client: load({ requests: 1000 }) }); `shakedown new` writes it';
      this.unusable.push({ name: 'http', message, hint });
      return;
    }
    this.#add('http', 'http');
  }

  #typestubs(): void {
    const file = SAMPLES.find((sample) => isFile(join(this.#dir, sample)));
    if (file === undefined) {
      this.absent.push({
        name: 'typestubs',
        reason: `there is neither ${SAMPLES.join(' nor ')} in ${this.#shown}`,
        onlyWhenNamed: true,
      });
      return;
    }
    this.#add('typestubs', file);
  }
}

const setupOf = (dir: string): SetupStep[] =>
  isFile(join(dir, 'setup')) ? [buildSetup({ run: ['./setup'], name: 'setup' }, new Scope(dir))] : [];

const teardownOf = (dir: string): TeardownStep[] =>
  isFile(join(dir, 'teardown'))
    ? [buildTeardown({ run: ['./teardown'], name: 'teardown' }, new Scope(dir))]
    : [];

/** @param dir the folder, absolute or relative to `options.cwd` */
export async function loadConvention(
  dir: string,
  options: ConventionOptions,
): Promise<Result<Suite, Diagnostic[]>> {
  const path = resolve(options.cwd, dir);
  const shown = relative(options.cwd, path) || '.';
  const ways = 'give another folder with --dir or a config with --config, or let `shakedown new` write one';
  const looked =
    'a suite is a folder with at least one of the executables thread, http (with client) and init, or a typestubs.py or typestubs.ts';
  if (!existsSync(path))
    return err([{ message: `there is no folder ${shown} to run`, hint: `${looked}; ${ways}` }]);
  if (!statSync(path).isDirectory())
    return err([{ message: `${shown} is not a folder`, hint: `${looked}; ${ways}` }]);
  const folder = new Folder(path, shown, options, await loadConventions());
  const setup = setupOf(path);
  const teardown = teardownOf(path);
  for (const [name, steps] of Object.entries({ setup, teardown }))
    if (steps.length > 0 && !folder.has(name, name))
      return err(folder.unusable.filter((unusable) => unusable.name === name));
  if (folder.components.length === 0 && folder.unusable.length === 0)
    return err([{ message: `there is nothing to run in ${shown}`, hint: `${looked}; ${ways}` }]);
  return ok({
    name: shown,
    root: options.cwd,
    source: { type: 'convention', dir: path },
    memory: options.memory,
    env: {},
    path: binFolders(path),
    setup,
    teardown,
    shared: [],
    components: folder.components,
    absent: folder.absent,
    unusable: folder.unusable,
  });
}
