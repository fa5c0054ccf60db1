/** The programs that load a module, for each language. */
import { pathToFileURL } from 'node:url';
import type { Form } from '../../core/entry.ts';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Environment } from '../../core/suite.ts';
import { harnessFile, missingPython, nodeOf, pythonOf } from '../common/programs.ts';
import { isTypescript, typescriptFlags } from '../common/typescript.ts';
import type { InitComponent } from './component.ts';
import { BY_JITI, type PythonMode, type Scenario } from './protocol.ts';

export type Argv = readonly [string, ...string[]];

export interface InitPrograms {
  /** The scenarios besides `process`. After a failure the rest of a chain would fail the same way, so it is skipped. */
  readonly chains: readonly (readonly Scenario[])[];
  readonly scenario: (scenario: Scenario) => Argv;
  /** Starts the bare interpreter, and the interpreter with the module. */
  readonly starts: (form: Form) => { readonly bare: Argv; readonly load: Argv };
  /** Loads the module and reports every other module that this loads. */
  readonly modules: (form: Form) => Argv;
  /** Reports what each import takes, where an interpreter tells. */
  readonly costs?: Argv;
}

export const PAIRS_PROGRAM: Argv = [process.execPath, harnessFile('harness-init-pairs.js')];

/** @returns the programs, or a finding that one is missing */
export function initPrograms(
  component: InitComponent,
  env: Environment,
): Promise<Result<InitPrograms, Finding>> {
  return component.language === 'python' ? pythonPrograms(component, env) : nodePrograms(component, env);
}

async function nodePrograms(
  component: InitComponent,
  env: Environment,
): Promise<Result<InitPrograms, Finding>> {
  const { module, use, cwd } = component;
  const node = nodeOf(env);
  // An export of the module is no file.
  const files = [module, ...(use?.includes(':') ? [use.slice(0, use.lastIndexOf(':'))] : [])];
  const flags = await typescriptFlags(node, files, cwd);
  if (!flags.ok) return flags;
  // A file in JavaScript that imports one in TypeScript takes the loader of Node.
  const isAlone = files.every((file) => isTypescript(file) && /^\.{0,2}\//.test(file));
  const byJiti = flags.value.length > 0 && isAlone ? [BY_JITI] : [];
  const base: Argv = [node, ...flags.value];
  const quoted = JSON.stringify(module);
  const load = (form: Form): string[] =>
    form === 'import'
      ? ['--input-type=module', '--eval', `import ${quoted}`]
      : ['--eval', `require(${quoted})`];
  return ok({
    // `require` of TypeScript gives CommonJS, whatever the published package will be: the format scenarios prove nothing.
    chains: [['worker', 'reload'], ...(flags.value.length > 0 ? [] : ([['formats'], ['vm']] as const))],
    scenario: (scenario) => [
      ...base,
      harnessFile('harness-init.js'),
      ...byJiti,
      scenario,
      module,
      ...(use === null ? [] : [use]),
    ],
    starts: (form) => ({
      bare: [...base, ...(form === 'import' ? ['--input-type=module'] : []), '--eval', '0'],
      load: [...base, ...load(form)],
    }),
    modules: (form) => [
      ...base,
      '--import',
      pathToFileURL(harnessFile('harness-init-modules.js')).href,
      ...load(form),
    ],
  });
}

const PYTHON_MODES: readonly PythonMode[] = [
  ...(['thread', 'again', 'optimized', 'warnings', 'development', 'debug-memory', 'hash-seed'] as const),
];

/** How the interpreter is started for a scenario. What has no option is said by `env`, so that it can be typed. */
function startOf(scenario: Scenario, python: string): Argv {
  switch (scenario) {
    case 'optimized':
      return [python, '-O'];
    case 'warnings':
      // Some warnings come only when a file is compiled, so what was compiled before is not read.
      return [python, '-W', 'error', '-B', '-X', 'pycache_prefix=/dev/null'];
    case 'development':
      return [python, '-X', 'dev'];
    case 'debug-memory':
      return ['env', 'PYTHONMALLOC=debug', python];
    case 'hash-seed':
      return ['env', 'PYTHONHASHSEED=4711', python];
    default:
      return [python];
  }
}

async function pythonPrograms(
  { module, use, parts }: InitComponent,
  env: Environment,
): Promise<Result<InitPrograms, Finding>> {
  const python = pythonOf(env);
  if (python === undefined) return err(missingPython(`import ${module}`));
  const shim: Argv = [python, '-X', 'faulthandler', harnessFile('harness/python/init.py')];
  return ok({
    chains: [
      ['fork'],
      ['subinterpreter'],
      ...(parts.includes('modes') ? PYTHON_MODES.map((mode) => [mode]) : []),
    ],
    scenario: (scenario) => [
      ...startOf(scenario, python),
      ...shim.slice(1),
      scenario,
      module,
      ...(use === null ? [] : [use]),
    ],
    starts: () => ({ bare: [python, '-c', 'pass'], load: [python, '-c', `import ${module}`] }),
    modules: () => [...shim, 'modules', module],
    costs: [...shim, 'costs', module],
  });
}
