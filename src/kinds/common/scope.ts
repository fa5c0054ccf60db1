import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Pattern } from '../../core/pattern.ts';
import { suggest } from '../../core/suggest.ts';
import type { Proving, Shared } from '../../core/suite.ts';
import { type ComponentBase, EXPECT_SUCCESS, type Expectation } from '../../core/suite.ts';
import { ms } from '../../core/units.ts';
import { mayMatch } from '../../files/glob.ts';
import { listOf, toCommand, toPattern, toProving } from './build.ts';
import { COMMON_DEFAULTS } from './defaults.ts';
import { toDuration } from './duration.ts';
import { findCycle } from './needs.ts';
import type { CommonOptions } from './options.ts';
import type { Path, Problem } from './problem.ts';
import type { ExpectOptions } from './words.ts';

const MADE_BY_SETUP = 'if a setup step makes it, list it in the `outputs` of that step';

/** What all scopes of one config have in common. */
interface Common {
  /** Mistakes, collected so that all are reported at once. */
  readonly problems: Problem[];
  /** The outputs of setup steps; they need not exist yet. */
  readonly made: string[];
  /** What the components of the suite share, by name. */
  readonly shared: Map<string, Shared>;
  /** Names of what they would share as well, if it had no mistakes of its own. */
  readonly mistaken: Set<string>;
}

const nothingKnown = (): Common => ({ problems: [], made: [], shared: new Map(), mistaken: new Set() });

/** Where options are in the config and on disk, and where to report mistakes in them. */
export class Scope {
  /** What paths are relative to, and the folder from which packages are found. */
  readonly cwd: string;
  readonly #path: Path;
  readonly #common: Common;

  constructor(cwd: string, path: Path = [], common: Common = nothingKnown()) {
    this.cwd = cwd;
    this.#path = path;
    this.#common = common;
  }

  get problems(): readonly Problem[] {
    return this.#common.problems;
  }

  /** @param path from here to options further in */
  in(...path: Path): Scope {
    return new Scope(this.cwd, [...this.#path, ...path], this.#common);
  }

  /** The same where paths are relative to the folder that an option `cwd` names. */
  within(cwd: string | undefined): Scope {
    const folder = resolve(this.cwd, cwd ?? '.');
    if (cwd !== undefined) this.mustExist(folder, ['cwd'], `the folder ${cwd}`);
    return new Scope(folder, this.#path, this.#common);
  }

  /** @param path from here to the culprit */
  problem(path: Path, message: string, hint?: string): void {
    this.tell({ path, message, ...(hint === undefined ? {} : { hint }) });
  }

  tell = (problem: Problem): void => {
    this.#common.problems.push({ ...problem, path: [...this.#path, ...problem.path] });
  };

  makes(outputs: readonly string[]): void {
    this.#common.made.push(...outputs.map((output) => resolve(this.cwd, output)));
  }

  /** What the components of the suite share, by name. */
  get shared(): ReadonlyMap<string, Shared> {
    return this.#common.shared;
  }

  /** Makes known what components may need or use; to be called before any is built. */
  share(shared: Shared): void {
    this.#common.shared.set(shared.name, shared);
  }

  /** Makes known what is there and cannot be built, whose mistakes are told already: it may be needed or used. */
  mistaken(names: readonly string[]): void {
    for (const name of names) this.#common.mistaken.add(name);
  }

  isMistaken(name: string): boolean {
    return this.#common.mistaken.has(name);
  }

  /** Whether a file neither exists nor is made by a setup step. */
  isMissing(path: string): boolean {
    const isMade = this.#common.made.some((output) => mayMatch(output, path));
    return !isMade && !existsSync(path);
  }

  /** @param what is at the absolute path `file` and is named by the option at `path`, such as `the sample x.ts` */
  mustExist(file: string, path: Path, what: string): void {
    if (this.isMissing(file)) this.problem(path, `${what} does not exist`, MADE_BY_SETUP);
  }

  /** Reports those that are not regular expressions. @returns all of them */
  patterns(path: Path, patterns: readonly Pattern[]): readonly Pattern[] {
    for (const pattern of patterns) {
      if (pattern.type !== 'regex') continue;
      try {
        new RegExp(pattern.source, pattern.flags);
      } catch (error) {
        this.problem(path, (error as Error).message);
      }
    }
    return patterns;
  }

  /** The meaning of the option `expect`. */
  expectation(expect: ExpectOptions | undefined): Expectation {
    if (expect === undefined) return EXPECT_SUCCESS;
    const read = (option: 'output' | 'forbid' | 'allow'): readonly Pattern[] =>
      this.patterns(['expect', option], listOf(expect[option]).map(toPattern));
    const exitCodes = listOf(expect.exitCode ?? EXPECT_SUCCESS.exitCodes);
    return { exitCodes, output: read('output'), forbid: read('forbid'), allow: read('allow') };
  }

  /** What all components have. */
  base(name: string, options: CommonOptions): ComponentBase {
    const timeout = toDuration(options.timeout ?? COMMON_DEFAULTS.timeout);
    const slow = ms(Math.min(toDuration(COMMON_DEFAULTS.slow), timeout / 2));
    const { needs = [] } = options;
    const prove = toProving(options.prove);
    this.#contradictions(prove);
    return {
      name,
      env: options.env ?? {},
      cwd: this.cwd,
      timeout,
      slow: toDuration(options.slow, slow),
      retries: options.retries ?? COMMON_DEFAULTS.retries,
      flaky: options.flaky ?? COMMON_DEFAULTS.flaky,
      needs: needs.filter((other) => !this.shared.has(other)),
      uses: needs.filter((other) => this.shared.has(other)),
      onlyWhenNamed: options.onlyWhenNamed ?? COMMON_DEFAULTS.onlyWhenNamed,
      leave: options.leave ?? [],
      before: listOf(options.before).map(toCommand),
      after: listOf(options.after).map(toCommand),
      prove,
    };
  }

  /** Reports faults that must be noticed and need not be. One that need not be may be a part of those that must be. */
  #contradictions({ demand, ignore }: Proving): void {
    for (const [index, fault] of demand.entries()) {
      const ignored = [fault, fault.split(' ').at(-1) ?? ''].find((name) => Object.hasOwn(ignore, name));
      if (ignored === undefined) continue;
      this.problem(
        ['prove', 'demand', index],
        `the fault "${fault}" must be noticed, and \`ignore\` says that ${ignored === fault ? 'it' : `"${ignored}"`} need not be`,
        `remove it from \`demand\`, or "${ignored}" from \`ignore\``,
      );
    }
  }

  /**
   * Reports needs that do not exist, and circular needs.
   *
   * @param others what may be needed as well, and needs none of these
   */
  needs(
    needs: ReadonlyMap<string, readonly string[]>,
    pathOf: (name: string) => Path,
    what: 'component' | 'service',
    others: readonly string[] = [],
  ): void {
    const names = [...needs.keys(), ...others];
    const isMissing = (other: string): boolean => !names.includes(other) && !this.isMistaken(other);
    const missing = new Set([...needs.values()].flat().filter(isMissing));
    for (const other of missing) {
      const near = suggest(other, names);
      // A misspelt name is one mistake, however many need it.
      const [first = '', ...rest] = names.filter((name) => needs.get(name)?.includes(other));
      const last = rest.pop();
      const who = [first, ...rest].map((name) => `"${name}"`).join(', ');
      this.problem(
        [...pathOf(first), needs.get(first)?.indexOf(other) ?? 0],
        `${last === undefined ? `${what} ${who} needs` : `${what}s ${who} and "${last}" need`} "${other}", which does not exist`,
        near === undefined ? `there is ${names.join(', ')}` : `did you mean "${near}"?`,
      );
    }
    const cycle = findCycle(needs);
    if (cycle === undefined) return;
    this.problem(
      pathOf(cycle[0]),
      `these ${what}s need each other in a circle: ${[...cycle, cycle[0]].join(' → ')}`,
      'remove one of these needs',
    );
  }
}
