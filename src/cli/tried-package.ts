/** A package for Node or for Python that was installed, as a run of its trial needs it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { strangersEnvironment } from '../consumer/environment.ts';
import type { ConsumerFailure } from '../consumer/failure.ts';
import { pythonStrangers } from '../consumer/python/environment.ts';
import { type PythonSpec, parsePythonSpec } from '../consumer/python/spec.ts';
import { isRegistered as isOfNpm, type PackageSpec, parseSpec } from '../consumer/spec.ts';
import { installAll, type TrialOptions } from '../consumer/trials.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Environment } from '../core/suite.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { type TrialSuite, trialSuite } from './package/trial-suite.ts';

export type TriedSpec =
  | { readonly language: 'node'; readonly spec: PackageSpec }
  | { readonly language: 'python'; readonly spec: PythonSpec };

/** @param cwd absolute path that relative paths start from */
export function parseTriedSpec(text: string, cwd: string): Result<TriedSpec, ConsumerFailure> {
  const python = parsePythonSpec(text, cwd);
  if (python !== undefined) return python.ok ? ok({ language: 'python', spec: python.value }) : python;
  const node = parseSpec(text, cwd);
  return node.ok ? ok({ language: 'node', spec: node.value }) : node;
}

/** Whether it comes from a registry, and not from this machine or some address. */
export const isRegistered = (tried: TriedSpec): boolean =>
  tried.language === 'python' ? tried.spec.type === 'index' : isOfNpm(tried.spec);

/**
 * A name means the package in the registry, as for npm and pip, also where a folder of that name is at hand.
 *
 * @returns what to write for the folder; undefined if there is none that could be meant
 */
export function folderOfName(text: string, tried: TriedSpec, cwd: string): string | undefined {
  const isName = tried.language === 'node' && tried.spec.type === 'registry' && tried.spec.name === text;
  return isName && existsSync(join(cwd, text, 'package.json')) ? `./${text}` : undefined;
}

/** The part of the user's environment that code of the package may see. */
export const environmentFor = ({ language }: TriedSpec, env: Environment): Environment =>
  language === 'python' ? pythonStrangers(env) : strangersEnvironment(env);

const NOT_FOR_PYTHON: ConsumerFailure = {
  blame: 'spec',
  message: '--workspaces, --node and --peers are for packages of npm',
  hint: 'leave them out for a package of Python',
};

const NOT_FOR_NODE: ConsumerFailure = {
  blame: 'spec',
  message: '--python is for packages of Python',
  hint: 'leave it out for a package of npm, or write pypi: before the name of one for Python',
};

export interface TriedOptions extends TrialOptions {
  /** Versions of Python: `3.11`, `3.13t`; none: the first on the PATH. */
  readonly pythons: readonly string[];
}

/** Installs a package as its users do: each package of a workspace, on each Node or Python, with each choice of peers. */
export async function installTried(
  { language, spec }: TriedSpec,
  { pythons, ...options }: TriedOptions,
  context: CommandContext,
): Promise<Result<TrialSuite, ConsumerFailure>> {
  const path = context.env.PATH ?? '';
  if (language === 'node') {
    if (pythons.length > 0) return err(NOT_FOR_NODE);
    const trials = await installAll(spec, options, context);
    return trials.ok ? ok(await trialSuite(trials.value, path)) : trials;
  }
  if (options.workspaces || options.nodes.length > 0 || options.peers.length > 0) return err(NOT_FOR_PYTHON);
  const { installOnEach } = await import('../consumer/python/trials.ts');
  const trials = await installOnEach(spec, pythons, options.limit, context);
  if (!trials.ok) return trials;
  const { pythonSuite } = await import('./package/python-suite.ts');
  return ok(await pythonSuite(trials.value, path));
}
