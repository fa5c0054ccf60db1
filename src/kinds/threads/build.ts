/** Turns the options of `threads` into one of its three trials: of a module, of Python, or of any program. */
import { isAbsolute, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ComponentBase } from '../../core/suite.ts';
import { toCommand } from '../common/build.ts';
import { toDuration } from '../common/duration.ts';
import type { Scope } from '../common/scope.ts';
import type { RunOptions } from '../common/words.ts';
import type { ThreadsComponent, ThreadsTrial } from './component.ts';
import { DEFAULT_ROUNDS, THREADS_DEFAULTS, type ThreadsOptions } from './options.ts';
import type { Inputs } from './protocol.ts';

/** Which option belongs to which trial; what is common to all components belongs to each. */
const BELONGS = {
  module: ['workers', 'iterations', 'exports', 'inputs', 'oracle'],
  python: ['workers', 'iterations', 'inputs'],
  run: ['copies', 'compare'],
} as const satisfies Record<string, readonly (keyof ThreadsOptions)[]>;

type Form = keyof typeof BELONGS;
const FORMS = Object.keys(BELONGS) as Form[];

export const buildThreads = (
  options: ThreadsOptions,
  base: ComponentBase,
  scope: Scope,
): ThreadsComponent => ({
  ...base,
  kind: 'threads',
  trial: buildTrial(options, scope),
  stall: toDuration(options.stall ?? THREADS_DEFAULTS.stall),
});

/** @returns the trial; each mistake in the options is reported */
function buildTrial(options: ThreadsOptions, scope: Scope): ThreadsTrial {
  const given = FORMS.filter((form) => options[form] !== undefined);
  const [form = 'module'] = given;
  if (given.length !== 1)
    scope.problem(
      [],
      given.length === 0
        ? 'a threads component needs a `module`, a `python` function or script, or a program to `run`'
        : `a threads component has one of \`module\`, \`python\` and \`run\`, not ${given.join(' and ')}`,
      "module: './library.js'",
    );
  for (const name of new Set(FORMS.flatMap((each) => [...BELONGS[each]])))
    if (given.length === 1 && options[name] !== undefined && !BELONGS[form].some((own) => own === name))
      scope.problem([name], `\`${name}\` has no effect together with \`${form}\``);
  if (form === 'run') return programTrial(options.run ?? '', options);
  if (form === 'python') return pythonTrial(options.python ?? '', options, scope);
  return moduleTrial(options.module ?? '', options, scope);
}

function programTrial(run: RunOptions, { copies, compare }: ThreadsOptions): ThreadsTrial {
  return {
    type: 'program',
    command: toCommand(run),
    copies: copies ?? THREADS_DEFAULTS.copies,
    compare: compare ?? THREADS_DEFAULTS.compare,
  };
}

const FUNCTION = /^[\w.]+:\w+$/;

function pythonTrial(python: string, options: ThreadsOptions, scope: Scope): ThreadsTrial {
  const isFunction = FUNCTION.test(python);
  const script = resolve(scope.cwd, python);
  if (!isFunction && scope.isMissing(script))
    scope.problem(
      ['python'],
      `${python} is neither a script that exists nor a function`,
      'a function is written as package.module:function',
    );
  const { inputs } = options;
  const maker = typeof inputs === 'string' ? inputs : null;
  if (inputs !== undefined && (maker === null || !FUNCTION.test(maker)))
    scope.problem(['inputs'], 'for Python `inputs` is a function, as module:function');
  if (maker !== null && !isFunction)
    scope.problem(['inputs'], 'a script makes its own inputs: `inputs` goes with module:function');
  return {
    type: 'python',
    target: isFunction ? { type: 'function', name: python } : { type: 'script', path: script },
    workers: options.workers ?? THREADS_DEFAULTS.workers,
    rounds: options.iterations ?? DEFAULT_ROUNDS,
    inputs: maker,
  };
}

function moduleTrial(module: string, options: ThreadsOptions, scope: Scope): ThreadsTrial {
  const place = (specifier: string, option: string): string => {
    const isFile = specifier.startsWith('.') || isAbsolute(specifier);
    const file = resolve(scope.cwd, specifier);
    if (isFile && scope.isMissing(file)) scope.problem([option], `the module ${specifier} does not exist`);
    return isFile ? file : specifier;
  };
  const { exports, inputs, iterations, oracle } = options;
  const names = [...(exports ?? []), ...(typeof inputs === 'object' ? Object.keys(inputs) : [])];
  if (oracle !== undefined && names.length === 0 && inputs === undefined && iterations === undefined)
    scope.problem(
      ['oracle'],
      'nothing is called, so there is nothing to ask the oracle',
      'name functions in `exports`, or give them `inputs`',
    );
  return {
    type: 'module',
    module: place(module, 'module'),
    workers: options.workers ?? THREADS_DEFAULTS.workers,
    iterations: iterations ?? null,
    exports: exports ?? null,
    inputs: toInputs(inputs, (file) => place(file, 'inputs'), scope),
    oracle: oracle === undefined ? null : place(oracle, 'oracle'),
    extent: 'whole',
  };
}

function toInputs(
  inputs: ThreadsOptions['inputs'],
  place: (file: string) => string,
  scope: Scope,
): Inputs | null {
  if (inputs === undefined) return null;
  if (typeof inputs === 'string') return { type: 'module', path: place(inputs) };
  for (const [name, lists] of Object.entries(inputs))
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(lists)), lists))
      scope.problem(
        ['inputs', name],
        `the arguments of ${name} cannot be written as JSON`,
        "put them into a module that exports them by default: inputs: './inputs.ts'",
      );
  return { type: 'values', values: inputs };
}
