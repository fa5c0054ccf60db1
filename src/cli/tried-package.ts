/** A package for Node or for Python that was installed, as a run of its trial needs it. */
import { join } from 'node:path';
import { strangersEnvironment } from '../consumer/environment.ts';
import type { ConsumerFailure } from '../consumer/failure.ts';
import { installPackage } from '../consumer/install.ts';
import type { InstalledPackage } from '../consumer/installed-package.ts';
import { pythonStrangers } from '../consumer/python/environment.ts';
import { type PythonSpec, parsePythonSpec } from '../consumer/python/spec.ts';
import { type PackageSpec, parseSpec } from '../consumer/spec.ts';
import type { Finding } from '../core/finding.ts';
import { ok, type Result } from '../core/result.ts';
import type { Component, Environment } from '../core/suite.ts';
import { componentsOf, componentsOfDistribution } from '../kinds/index.ts';
import type { CommandContext } from '../process/run-owned.ts';

export interface TriedPackage {
  readonly name: string;
  readonly version: string;
  /** Where its programs are. */
  readonly path: readonly string[];
  /** It was installed by an earlier run. */
  readonly isReused: boolean;
  /** What its installation has shown. */
  readonly remarks: readonly Finding[];
  /** Makes everything that can be tried of it. */
  readonly components: () => Promise<Component[]>;
}

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

/** The part of the user's environment that code of the package may see. */
export const environmentFor = ({ language }: TriedSpec, env: Environment): Environment =>
  language === 'python' ? pythonStrangers(env) : strangersEnvironment(env);

/** Installs a package as its users do. */
export async function installTried(
  { language, spec }: TriedSpec,
  context: CommandContext,
): Promise<Result<TriedPackage, ConsumerFailure>> {
  if (language === 'python') {
    const { installDistribution } = await import('../consumer/python/install.ts');
    const done = await installDistribution(spec, context);
    if (!done.ok) return done;
    const { name, version, programs, isReused } = done.value;
    const components = (): Promise<Component[]> => componentsOfDistribution(done.value);
    return ok({ name, version, path: [programs], isReused, remarks: [], components });
  }
  const done = await installPackage(spec, context);
  if (!done.ok) return done;
  const { name, version, consumer, isReused } = done.value;
  const path = [join(consumer, 'node_modules', '.bin')];
  const components = (): Promise<Component[]> => componentsOf(done.value);
  return ok({ name, version, path, isReused, remarks: remarksOf(done.value), components });
}

function remarksOf({ name, version, needsNode }: InstalledPackage): Finding[] {
  if (needsNode === null) return [];
  return [
    {
      code: 'unsupported-node',
      message: `${name}@${version} needs Node.js ${needsNode}, and this is ${process.versions.node}`,
      hint: 'try it with a version of Node.js that its `engines` allow',
      needed: needsNode,
    },
  ];
}
