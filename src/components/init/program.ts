/** By which programs a module of each language is tried. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Finding } from '../../domain/finding.ts';
import type { Form, Scenario } from '../../domain/init.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Environment, InitComponent } from '../../domain/suite.ts';
import { findProgram } from '../../files/find-program.ts';
import { stripsTypes } from '../strips-types.ts';

export type Argv = readonly [string, ...string[]];

/** How the module of one component is tried. */
export interface InitPrograms {
  /** What is tried beside several processes at once. In each list, what fails would fail in the next as well. */
  readonly chains: readonly (readonly Scenario[])[];
  readonly scenario: (scenario: Scenario) => Argv;
  /** The interpreter by itself, and with the module. */
  readonly starts: (form: Form) => { readonly bare: Argv; readonly load: Argv };
  /** Loads it and writes what else that loaded. */
  readonly modules: (form: Form) => Argv;
}

/** A file of the build, beside the chunk that this is in. */
const built = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

export const PAIRS_PROGRAM: Argv = [process.execPath, built('harness-init-pairs.js')];

/** @returns the programs, or what is lacking for them */
export function initPrograms(
  component: InitComponent,
  env: Environment,
): Promise<Result<InitPrograms, Finding>> {
  return component.language === 'python' ? pythonPrograms(component, env) : nodePrograms(component, env);
}

function missing(program: string, purpose: string, hint: string): Result<never, Finding> {
  const message = `${program} is not installed, or not on the PATH: it is needed to ${purpose}`;
  return err({ code: 'missing-program', step: program, message, hint, program });
}

async function nodePrograms(
  component: InitComponent,
  env: Environment,
): Promise<Result<InitPrograms, Finding>> {
  const { module, use } = component;
  const node = findProgram('node', env.PATH) ?? process.execPath;
  const loader = await typescriptLoader(component, node);
  if (!loader.ok) return loader;
  const base: Argv = [node, ...loader.value];
  const quoted = JSON.stringify(module);
  const load = (form: Form): string[] =>
    form === 'import'
      ? ['--input-type=module', '--eval', `import ${quoted}`]
      : ['--eval', `require(${quoted})`];
  return ok({
    chains: [['formats'], ['worker', 'reload'], ['vm']],
    scenario: (scenario) => [
      ...base,
      built('harness-init.js'),
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
      pathToFileURL(built('harness-init-modules.js')).href,
      ...load(form),
    ],
  });
}

const isTypescript = (name: string): boolean => /\.[cm]?ts$/.test(name);

/** The flags by which a Node runs TypeScript: none for JavaScript, and for a Node that can by itself. */
async function typescriptLoader(
  { module, use, cwd }: InitComponent,
  node: string,
): Promise<Result<readonly string[], Finding>> {
  const file = [module, use?.split(':')[0] ?? ''].find(isTypescript);
  if (file === undefined || (await stripsTypes(node))) return ok([]);
  try {
    return ok(['--import', pathToFileURL(createRequire(join(cwd, 'here.js')).resolve('tsx')).href]);
  } catch {
    return missing(
      'tsx',
      `load ${file}`,
      'npm install --save-dev tsx, or use Node 22.18 or newer, which runs TypeScript by itself',
    );
  }
}

async function pythonPrograms(
  { module, use }: InitComponent,
  env: Environment,
): Promise<Result<InitPrograms, Finding>> {
  const python = ['python', 'python3'].find((name) => findProgram(name, env.PATH) !== undefined);
  if (python === undefined)
    return missing(
      'python',
      `import ${module}`,
      'install Python (python3 serves as well), or put the virtual environment on the PATH',
    );
  const shim: Argv = [python, '-X', 'faulthandler', built('harness/python/init.py')];
  return ok({
    chains: [['fork'], ['subinterpreter']],
    scenario: (scenario) => [...shim, scenario, module, ...(use === null ? [] : [use])],
    starts: () => ({ bare: [python, '-c', 'pass'], load: [python, '-c', `import ${module}`] }),
    modules: () => [...shim, 'modules', module],
  });
}
