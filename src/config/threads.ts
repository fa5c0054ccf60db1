/** From the options of `threads` to one of its three trials: of a module, of Python, or of any program. */
import { isAbsolute, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Command, ThreadsTrial } from '../domain/suite.ts';
import type { Inputs } from '../domain/threads.ts';
import type { OnProblem } from './load.ts';
import type { RunOptions, ThreadsOptions } from './options.ts';

type Path = readonly (string | number)[];

const DEFAULT_WORKERS = 4;
const DEFAULT_ROUNDS = 200;

/** Which option belongs to which trial; what is common to all components belongs to each. */
const BELONGS = {
  module: ['workers', 'iterations', 'exports', 'inputs', 'oracle'],
  python: ['workers', 'iterations', 'inputs'],
  run: ['copies', 'compare'],
} as const satisfies Record<string, readonly (keyof ThreadsOptions)[]>;

type Form = keyof typeof BELONGS;
const FORMS = Object.keys(BELONGS) as Form[];

/** Where a component stands in the config and on disk. */
export interface Setting {
  /** What paths are relative to, and the folder from which packages are found. */
  readonly cwd: string;
  readonly path: Path;
  /** Whether a file is neither there nor made by a setup step. */
  readonly isMissing: (file: string) => boolean;
  readonly onProblem: OnProblem;
}

/** @returns the trial; what is wrong with the options is reported, each mistake by itself */
export function buildThreads(options: ThreadsOptions, setting: Setting): ThreadsTrial {
  const { path, onProblem } = setting;
  const given = FORMS.filter((form) => options[form] !== undefined);
  const [form = 'module'] = given;
  if (given.length !== 1)
    onProblem(
      path,
      given.length === 0
        ? 'a threads component needs a `module`, a `python` function or script, or a program to `run`'
        : `a threads component has one of \`module\`, \`python\` and \`run\`, not ${given.join(' and ')}`,
      "module: './library.js'",
    );
  for (const name of new Set(FORMS.flatMap((each) => [...BELONGS[each]])))
    if (given.length === 1 && options[name] !== undefined && !BELONGS[form].some((own) => own === name))
      onProblem([...path, name], `\`${name}\` means nothing together with \`${form}\``);
  if (form === 'run') return programTrial(options.run ?? '', options);
  if (form === 'python') return pythonTrial(options.python ?? '', options, setting);
  return moduleTrial(options.module ?? '', options, setting);
}

function programTrial(run: RunOptions, { copies, compare }: ThreadsOptions): ThreadsTrial {
  const command: Command =
    typeof run === 'string' ? { type: 'shell', line: run } : { type: 'argv', argv: run };
  return { type: 'program', command, copies: copies ?? DEFAULT_WORKERS, compare: compare ?? 'bytes' };
}

const FUNCTION = /^[\w.]+:\w+$/;

function pythonTrial(
  python: string,
  options: ThreadsOptions,
  { cwd, path, isMissing, onProblem }: Setting,
): ThreadsTrial {
  const isFunction = FUNCTION.test(python);
  const script = resolve(cwd, python);
  if (!isFunction && isMissing(script))
    onProblem(
      [...path, 'python'],
      `${python} is neither a script that exists nor a function`,
      'a function is written as package.module:function',
    );
  const { inputs } = options;
  const maker = typeof inputs === 'string' ? inputs : null;
  if (inputs !== undefined && (maker === null || !FUNCTION.test(maker)))
    onProblem([...path, 'inputs'], 'for Python `inputs` is a function, as module:function');
  if (maker !== null && !isFunction)
    onProblem([...path, 'inputs'], 'a script makes its own inputs: `inputs` goes with module:function');
  return {
    type: 'python',
    target: isFunction ? { type: 'function', name: python } : { type: 'script', path: script },
    workers: options.workers ?? DEFAULT_WORKERS,
    rounds: options.iterations ?? DEFAULT_ROUNDS,
    inputs: maker,
  };
}

function moduleTrial(
  module: string,
  options: ThreadsOptions,
  { cwd, path, isMissing, onProblem }: Setting,
): ThreadsTrial {
  const place = (specifier: string, option: string): string => {
    const isFile = specifier.startsWith('.') || isAbsolute(specifier);
    const file = resolve(cwd, specifier);
    if (isFile && isMissing(file)) onProblem([...path, option], `the module ${specifier} does not exist`);
    return isFile ? file : specifier;
  };
  const { exports, inputs, iterations, oracle } = options;
  const names = [...(exports ?? []), ...(typeof inputs === 'object' ? Object.keys(inputs) : [])];
  if (oracle !== undefined && names.length === 0 && inputs === undefined && iterations === undefined)
    onProblem(
      [...path, 'oracle'],
      'nothing is called, so there is nothing that the oracle could be asked',
      'name functions in `exports`, or give them `inputs`',
    );
  return {
    type: 'module',
    module: place(module, 'module'),
    workers: options.workers ?? DEFAULT_WORKERS,
    iterations: iterations ?? null,
    exports: exports ?? null,
    inputs: toInputs(inputs, (file) => place(file, 'inputs'), path, onProblem),
    oracle: oracle === undefined ? null : place(oracle, 'oracle'),
  };
}

function toInputs(
  inputs: ThreadsOptions['inputs'],
  place: (file: string) => string,
  path: Path,
  onProblem: OnProblem,
): Inputs | null {
  if (inputs === undefined) return null;
  if (typeof inputs === 'string') return { type: 'module', path: place(inputs) };
  for (const [name, lists] of Object.entries(inputs))
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(lists)), lists))
      onProblem(
        [...path, 'inputs', name],
        `the arguments of ${name} are more than JSON can hold`,
        "put them into a module that exports them by default: inputs: './inputs.ts'",
      );
  return { type: 'values', values: inputs };
}
