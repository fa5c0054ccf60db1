/** From the words of a config to the suite that they mean, with defaults filled in and references checked. */
import { existsSync } from 'node:fs';
import { dirname, extname, resolve, sep } from 'node:path';
import type { Pattern } from '../domain/pattern.ts';
import type { StatusRange } from '../domain/status-range.ts';
import { suggest } from '../domain/suggest.ts';
import {
  type Client,
  type Command,
  type Component,
  type ComponentBase,
  EXPECT_SUCCESS,
  type Expectation,
  type InitComponent,
  type ModuleResolution,
  type PackageTypesComponent,
  type Probe,
  type SampleTypesComponent,
  type Service,
  type SetupStep,
  STOP_POLITELY,
  type Stop,
  type Suite,
  showCommand,
} from '../domain/suite.ts';
import { type Ms, ms, parseDuration } from '../domain/units.ts';
import { binFolders } from '../files/bin-folders.ts';
import { buildLoad } from './load/build.ts';
import { nameInConfig } from './load/mistakes.ts';
import { toThresholds } from './load/thresholds.ts';
import { findCycle, sortByNeeds } from './needs.ts';
import type {
  CommonOptions,
  ComponentOptions,
  ExpectOptions,
  HttpOptions,
  InitOptions,
  PatternOptions,
  ReadyOptions,
  RunOptions,
  ServiceOptions,
  SetupOptions,
  StatusOptions,
  StopOptions,
  TypesOptions,
} from './options.ts';
import type { Problem } from './problem.ts';
import { buildThreads } from './threads.ts';
import type { Validated } from './validate.ts';

type Path = readonly (string | number)[];

export const DEFAULT_TIMEOUT = ms(10 * 60_000);
/** Slow, unless a config says otherwise: longer than a person likes to wait without a word. */
export const DEFAULT_SLOW = ms(60_000);
const SETUP_TIMEOUT = ms(30 * 60_000);
const DEFAULT_PROCESSES = 8;
const HANG_AFTER = ms(30_000);
const DEFAULT_STALL = ms(10_000);
export const READY_TIMEOUT = ms(30_000);
/** How long one look at a service takes at first. */
export const HTTP_LOOK = ms(1000);
const EXEC_LOOK = ms(2000);
export const SERVICE_GRACE = ms(5000);

const MADE_BY_SETUP = 'where a setup step makes it, name it among the `outputs` of that step';

function duration(text: string | undefined, fallback: Ms): Ms {
  const parsed = text === undefined ? undefined : parseDuration(text);
  return parsed?.ok === true ? parsed.value : fallback;
}

function toCommand(run: RunOptions): Command {
  return typeof run === 'string' ? { type: 'shell', line: run } : { type: 'argv', argv: run };
}

function toPattern(pattern: PatternOptions): Pattern {
  if (typeof pattern === 'string') return { type: 'text', text: pattern };
  if (pattern instanceof RegExp) return { type: 'regex', source: pattern.source, flags: pattern.flags };
  return { type: 'regex', source: pattern.regex, flags: pattern.flags ?? '' };
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);

function toPatterns(patterns: PatternOptions | readonly PatternOptions[] | undefined): Pattern[] {
  if (patterns === undefined) return [];
  return (isList(patterns) ? patterns : [patterns]).map(toPattern);
}

function toExpectation(expect: ExpectOptions | undefined): Expectation {
  if (expect === undefined) return EXPECT_SUCCESS;
  const codes = expect.exitCode ?? 0;
  return {
    exitCodes: isList(codes) ? codes : [codes],
    output: toPatterns(expect.output),
    forbid: toPatterns(expect.forbid),
    allow: toPatterns(expect.allow),
  };
}

function toStop(stop: StopOptions | undefined): Stop {
  if (stop === undefined) return STOP_POLITELY;
  if (typeof stop === 'string') return { signal: stop, command: null };
  const { signal = STOP_POLITELY.signal, command } = stop;
  return { signal, command: command === undefined ? null : toCommand(command) };
}

function toStatus(status: StatusOptions | undefined, fallback: StatusRange): StatusRange {
  if (status === undefined) return fallback;
  return typeof status === 'number' ? { from: status, to: status } : { from: status[0], to: status[1] };
}

function toProbe(ready: ReadyOptions): Probe {
  if ('all' in ready) return { type: 'all', probes: ready.all.map(toProbe) };
  if ('any' in ready) return { type: 'any', probes: ready.any.map(toProbe) };
  if ('log' in ready) return { type: 'log', pattern: toPattern(ready.log) };
  if ('exec' in ready)
    return {
      type: 'exec',
      command: toCommand(ready.exec),
      timeout: duration(ready.timeout, EXEC_LOOK),
    };
  if ('file' in ready) return { type: 'file', path: ready.file };
  const port = typeof ready.port === 'number' ? { port: ready.port } : {};
  if ('http' in ready)
    return {
      type: 'http',
      path: ready.http,
      status: toStatus(ready.status, { from: 200, to: 399 }),
      timeout: duration(ready.timeout, HTTP_LOOK),
      ...port,
    };
  return { type: 'port', ...port };
}

/** Whether an import means a file by it, and not a package. */
const isFileName = (name: string): boolean => /^\.\.?\/|^\//.test(name);
const EVERY_RESOLUTION: readonly ModuleResolution[] = ['node16', 'nodenext', 'bundler'];

/** What is of the kind alone. */
type Own<C extends Component> = Omit<C, keyof CommonOptions | 'name'>;
type TypesParts = Own<SampleTypesComponent> | Own<PackageTypesComponent>;

function listOf<T extends string>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

/** Builds one suite; what it finds wrong on the way is collected, so that all is told at once. */
class Builder {
  readonly problems: Problem[] = [];
  readonly #root: string;
  /** What the setup steps make; it need not be there yet. */
  readonly #made: string[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  #problem(path: Path, message: string, hint?: string): void {
    this.problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });
  }

  #isMissing(path: string): boolean {
    const isMade = this.#made.some((output) => path === output || path.startsWith(output + sep));
    return !isMade && !existsSync(path);
  }

  /** A folder named in the config, relative to `base`. */
  #folder(cwd: string | undefined, base: string, path: Path): string {
    const folder = resolve(base, cwd ?? '.');
    if (cwd !== undefined && this.#isMissing(folder))
      this.#problem([...path, 'cwd'], `the folder ${cwd} does not exist`, MADE_BY_SETUP);
    return folder;
  }

  #patterns(path: Path, patterns: readonly Pattern[]): void {
    for (const pattern of patterns) {
      if (pattern.type !== 'regex') continue;
      try {
        new RegExp(pattern.source, pattern.flags);
      } catch (error) {
        this.#problem(path, (error as Error).message);
      }
    }
  }

  #expectation(expect: ExpectOptions | undefined, path: Path): Expectation {
    const built = toExpectation(expect);
    this.#patterns([...path, 'expect', 'output'], built.output);
    this.#patterns([...path, 'expect', 'forbid'], built.forbid);
    this.#patterns([...path, 'expect', 'allow'], built.allow);
    return built;
  }

  setup(step: RunOptions | SetupOptions, index: number): SetupStep {
    const path = ['setup', index];
    const options: SetupOptions =
      typeof step === 'object' && 'run' in step ? step : { run: step as RunOptions };
    const command = toCommand(options.run);
    const cwd = this.#folder(options.cwd, this.#root, path);
    this.#made.push(...(options.outputs ?? []).map((output) => resolve(cwd, output)));
    return {
      name: options.name ?? showCommand(command),
      command,
      cwd,
      env: options.env ?? {},
      inputs: options.inputs ?? [],
      outputs: options.outputs ?? [],
      timeout: duration(options.timeout, SETUP_TIMEOUT),
    };
  }

  component(name: string, options: ComponentOptions): Component | undefined {
    const path = ['components', name];
    const base = this.#common(name, options, path);
    switch (options.kind) {
      case 'command':
        return {
          ...base,
          kind: 'command',
          command: toCommand(options.run),
          expect: this.#expectation(options.expect, path),
        };
      case 'http': {
        const services = this.#services(options, base.cwd, path);
        const [first, ...rest] = services;
        if (first === undefined) return undefined;
        const target = services.find((service) => service.name === targetNames(options)[0]) ?? first;
        return {
          ...base,
          kind: 'http',
          services: [first, ...rest],
          target: target.name,
          client: this.#client(options, target, base.cwd, path),
        };
      }
      case 'threads':
        return {
          ...base,
          kind: 'threads',
          trial: buildThreads(options, {
            cwd: base.cwd,
            path,
            isMissing: (file) => this.#isMissing(file),
            onProblem: (at, message, hint) => this.#problem(at, message, hint),
          }),
          stall: duration(options.stall, DEFAULT_STALL),
        };
      case 'types':
        return { ...base, ...this.#types(options, base.cwd, path) };
      case 'init':
        return { ...base, kind: 'init', ...this.#init(options, base.cwd, path) };
    }
  }

  #init(options: InitOptions, cwd: string, path: Path): Omit<InitComponent, 'kind' | keyof ComponentBase> {
    const { module, python, use, coldStart } = options;
    if ((module === undefined) === (python === undefined))
      this.#problem(
        path,
        'an init component needs a `module`, or a module of `python`, and not both',
        "init({ module: './library.js' })",
      );
    for (const [option, file] of [
      ['module', module],
      ['use', python === undefined ? use?.split(':').slice(0, -1).join(':') : undefined],
    ] as const) {
      if (file === undefined || !isFileName(file) || !this.#isMissing(resolve(cwd, file))) continue;
      this.#problem([...path, option], `the file ${file} does not exist`, MADE_BY_SETUP);
    }
    return {
      language: python === undefined ? 'node' : 'python',
      module: python ?? module ?? '',
      use: use ?? null,
      processes: options.processes ?? DEFAULT_PROCESSES,
      hangAfter: duration(options.hangAfter, HANG_AFTER),
      coldStart:
        coldStart === undefined ? null : { text: coldStart, ratio: Number(coldStart.replace(/[<x\s]/g, '')) },
      denyModules: options.denyModules ?? [],
      singletons: options.singletons ?? [],
      expect: this.#expectation(options.expect, path),
    };
  }

  #types(options: TypesOptions, cwd: string, path: Path): TypesParts {
    const negative = this.#files(options, 'negative', cwd, path);
    const expect = this.#expectation(options.expect, path);
    const sample = options.sample === undefined ? undefined : this.#sample(options.sample, cwd, path);
    if (options.package !== undefined) {
      if (sample?.language === 'python')
        this.#problem([...path, 'sample'], 'the sample of an npm package is a .ts file');
      return {
        kind: 'types',
        package: { type: 'spec', spec: options.package },
        sample: sample?.path ?? null,
        negative,
        typescript: listOf(options.typescript),
        resolution: options.resolution === undefined ? EVERY_RESOLUTION : listOf(options.resolution),
        expect,
      };
    }
    for (const option of ['typescript', 'resolution'] as const)
      if (options[option] !== undefined)
        this.#problem(
          [...path, option],
          `\`${option}\` needs a \`package\`: the sample alone is checked as its project says`,
        );
    if (sample === undefined)
      this.#problem(path, 'a types component needs a `sample`, or a `package`', "sample: './usage.ts'");
    const language = sample?.language ?? 'typescript';
    for (const option of ['module', 'completeness'] as const)
      if (options[option] !== undefined && language !== 'python')
        this.#problem([...path, option], `\`${option}\` is for a sample in Python`);
    if (options.completeness !== undefined && options.module === undefined)
      this.#problem([...path, 'completeness'], '`completeness` needs a `module`');
    return {
      kind: 'types',
      package: null,
      sample: sample?.path ?? cwd,
      language,
      module: options.module ?? null,
      completeness: options.completeness ?? null,
      negative,
      expect,
    };
  }

  #sample(
    name: string,
    cwd: string,
    path: Path,
  ): { readonly path: string; readonly language: 'python' | 'typescript' } {
    const sample = resolve(cwd, name);
    const language = { '.py': 'python', '.ts': 'typescript', '.mts': 'typescript', '.cts': 'typescript' }[
      extname(sample)
    ];
    if (language !== 'python' && language !== 'typescript')
      this.#problem(
        [...path, 'sample'],
        `${name} is no sample that can be type-checked`,
        'a sample is a .ts or a .py file',
      );
    else if (this.#isMissing(sample))
      this.#problem([...path, 'sample'], `the sample ${name} does not exist`, MADE_BY_SETUP);
    return { path: sample, language: language === 'python' ? 'python' : 'typescript' };
  }

  #files(options: TypesOptions, option: 'negative', cwd: string, path: Path): string[] {
    return listOf(options[option]).map((name) => {
      const file = resolve(cwd, name);
      if (this.#isMissing(file))
        this.#problem([...path, option], `the file ${name} does not exist`, MADE_BY_SETUP);
      return file;
    });
  }

  #common(name: string, options: CommonOptions, path: Path) {
    const timeout = duration(options.timeout, DEFAULT_TIMEOUT);
    return {
      name,
      env: options.env ?? {},
      cwd: this.#folder(options.cwd, this.#root, path),
      timeout,
      slow: duration(options.slow, ms(Math.min(DEFAULT_SLOW, timeout / 2))),
      retries: options.retries ?? 0,
      needs: options.needs ?? [],
      onlyWhenNamed: options.onlyWhenNamed ?? false,
      leave: options.leave ?? [],
    };
  }

  /** The services in the order of their needs. */
  #services(options: HttpOptions, cwd: string, path: Path): Service[] {
    const before = this.problems.length;
    const entries = new Map<string, { options: ServiceOptions; path: Path }>();
    for (const [name, service] of Object.entries(options.services ?? {}))
      entries.set(name, { options: service, path: [...path, 'services', name] });
    if (options.server !== undefined) {
      if (entries.has('server'))
        this.#problem(
          [...path, 'services', 'server'],
          'there are two services named "server": this one, and the one of the option `server`',
        );
      entries.set('server', { options: options.server, path: [...path, 'server'] });
    }
    if (entries.size === 0)
      this.#problem(
        path,
        'an http component needs a `server`, or `services`',
        'server: { run: "node server.js", port: 8001 }',
      );
    const needs = new Map([...entries].map(([name, entry]) => [name, entry.options.needs ?? []]));
    this.needs(needs, (name) => [...(entries.get(name)?.path ?? path), 'needs'], 'service');
    const ports = new Map<number, string>();
    for (const [name, entry] of entries) {
      const { port } = entry.options;
      if (port === undefined || port === 0) continue;
      const other = ports.get(port);
      if (other !== undefined)
        this.#problem(
          [...entry.path, 'port'],
          `the services "${other}" and "${name}" have the same port ${port}`,
          'give each its own, or 0 to have a free one picked',
        );
      else ports.set(port, name);
    }
    const candidates = targetNames(options);
    // What else is wrong may be the reason.
    if (candidates.length > 1 && this.problems.length === before)
      this.#problem(
        [...path, 'services'],
        `which of the services the client tries is left open: ${candidates.map((name) => `"${name}"`).join(' or ')}`,
        'give that one as `server`, or say by its `needs` which of the others are there for it',
      );
    return sortByNeeds([...entries.keys()], needs).flatMap((name) => {
      const entry = entries.get(name);
      return entry === undefined ? [] : [this.#service(name, entry.options, cwd, entry.path)];
    });
  }

  #service(name: string, options: ServiceOptions, base: string, path: Path): Service {
    const port = options.port ?? null;
    if (port === null && options.ready === undefined) {
      this.#problem(
        path,
        `service "${name}" has neither a port nor \`ready\`, so nobody can tell when it is ready`,
        'give it a port, or ready: { log: "listening" }',
      );
    }
    if (options.foreground !== undefined && options.daemon !== true) {
      this.#problem(
        [...path, 'foreground'],
        '`foreground` is for a service with daemon: true; this one runs in the foreground already',
      );
    }
    const ready = toProbe(options.ready ?? { port: true });
    if (options.ready !== undefined) this.#probe(ready, port, [...path, 'ready']);
    return {
      name,
      command: toCommand(options.run),
      port,
      daemon: options.daemon ?? false,
      foreground: options.foreground === undefined ? null : toCommand(options.foreground),
      ready,
      readyTimeout: duration(options.readyTimeout, READY_TIMEOUT),
      stop: toStop(options.stop),
      grace: duration(options.grace, SERVICE_GRACE),
      env: options.env ?? {},
      cwd: this.#folder(options.cwd, base, path),
      needs: options.needs ?? [],
      expect: this.#expectation(options.expect, path),
    };
  }

  #probe(probe: Probe, port: number | null, path: Path): void {
    if (probe.type === 'all' || probe.type === 'any') {
      for (const [index, part] of probe.probes.entries())
        this.#probe(part, port, [...path, probe.type, index]);
    } else if (probe.type === 'log') this.#patterns([...path, 'log'], [probe.pattern]);
    else if (
      (probe.type === 'http' || probe.type === 'port') &&
      probe.port === undefined &&
      port === null &&
      path.at(-1) !== undefined
    ) {
      this.#problem(
        path,
        'the service has no port to look at',
        'give the service a `port`, or this condition one of its own',
      );
    }
  }

  #client(options: HttpOptions, target: Service, cwd: string, path: Path): Client {
    const { client } = options;
    const isCommand = typeof client === 'string' || !('kind' in client);
    if (isCommand && options.thresholds !== undefined)
      this.#problem(
        [...path, 'thresholds'],
        '`thresholds` are held against what the built-in client measures, and the client is a command',
        'client: load({ duration: "5s" })',
      );
    if (typeof client === 'string' || isRunList(client))
      return { type: 'command', command: toCommand(client), expect: EXPECT_SUCCESS };
    if (!('kind' in client))
      return {
        type: 'command',
        command: toCommand(client.run),
        expect: this.#expectation(client.expect, [...path, 'client']),
      };
    if (target.port === null && client.unix === undefined) {
      this.#problem(
        [...path, 'client'],
        `the built-in client needs a port to send to, and service "${target.name}" has none`,
        `give "${target.name}" a port, or the client the \`unix\` socket that it listens on`,
      );
    }
    const tell = (problem: Problem): void => {
      this.problems.push(problem);
    };
    const thresholds = toThresholds(options.thresholds ?? [], [...path, 'thresholds'], tell);
    const load = buildLoad(client, thresholds, {
      nameOf: nameInConfig,
      folder: cwd,
      tell: (problem) => tell({ ...problem, path: [...path, 'client', ...problem.path] }),
    });
    return { type: 'load', load };
  }

  /** Names that do not exist, and circles. */
  needs(
    needs: ReadonlyMap<string, readonly string[]>,
    pathOf: (name: string) => Path,
    what: 'component' | 'service',
  ): void {
    const names = [...needs.keys()];
    for (const [name, needed] of needs) {
      for (const [index, other] of needed.entries()) {
        if (names.includes(other)) continue;
        const near = suggest(other, names);
        this.#problem(
          [...pathOf(name), index],
          `${what} "${name}" needs "${other}", which does not exist`,
          near === undefined ? `there is ${names.join(', ')}` : `did you mean "${near}"?`,
        );
      }
    }
    const cycle = findCycle(needs);
    if (cycle === undefined) return;
    this.#problem(
      pathOf(cycle[0]),
      `these ${what}s need each other in a circle: ${[...cycle, cycle[0]].join(' → ')}`,
      'take one of these needs away',
    );
  }
}

/** The service that the client tries: `server`, else the one that no other needs. Several: it is not said. */
function targetNames({ server, services = {} }: HttpOptions): string[] {
  if (server !== undefined) return ['server'];
  const needed = new Set(Object.values(services).flatMap(({ needs = [] }) => needs));
  return Object.keys(services).filter((name) => !needed.has(name));
}

const isRunList = (value: unknown): value is readonly [string, ...string[]] => Array.isArray(value);

/**
 * @param validated the config after validation; a component with mistakes of its own is left out
 * @param file absolute path of the config
 * @param name what a person calls it
 * @returns the suite, and what is wrong beyond the form: references, circles, ports, files that do not exist
 */
export function buildSuite(
  validated: Validated,
  file: string,
  name: string,
): { suite: Suite; problems: readonly Problem[] } {
  const root = dirname(file);
  const builder = new Builder(root);
  const { suite: options, components } = validated;
  const setup = (Array.isArray(options.setup) ? options.setup : []).map((step, index) =>
    builder.setup(step as RunOptions | SetupOptions, index),
  );
  const built = [...components].flatMap(([component, input]) => builder.component(component, input) ?? []);
  builder.needs(validated.needs, (component) => ['components', component, 'needs'], 'component');
  const order = sortByNeeds(
    built.map((component) => component.name),
    validated.needs,
  );
  return {
    suite: {
      name,
      root,
      source: { type: 'config', file },
      memory: options.memory ?? 'off',
      env: options.env ?? {},
      path: binFolders(root),
      setup,
      components: built.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
      absent: [],
      unusable: [],
    },
    problems: builder.problems,
  };
}
