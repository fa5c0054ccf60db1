import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { CONSEQUENCE, type Finding } from '../../domain/finding.ts';
import { type Command, EXPECT_SUCCESS, type TypesComponent } from '../../domain/suite.ts';
import { binFolders } from '../../files/bin-folders.ts';
import { findProgram } from '../../files/find-program.ts';
import { cacheDirectory } from '../../process/ownership/run-directory.ts';
import type { ComponentContext } from '../context.ts';
import { runStep } from '../run-step.ts';
import { stripsTypes } from '../typescript.ts';

/** A step of checking a sample, or the program that is lacking for it. */
type Tool =
  | { readonly name: string; readonly argv: readonly [string, ...string[]] }
  | { readonly missing: Finding };

/** Runs the sample and type-checks the same file: either alone misses what the other sees. */
export async function runTypes(component: TypesComponent, context: ComponentContext): Promise<Finding[]> {
  const { cwd } = component;
  // As one would type it: a sample may look at how it was called.
  const sample = relative(cwd, component.sample);
  const tools =
    component.language === 'python'
      ? pythonTools(sample, context)
      : await typescriptTools(component, sample, context);
  const missing = tools.flatMap((tool) => ('missing' in tool ? [tool.missing] : []));
  if (missing.length > 0) return missing;
  const findings: Finding[] = [];
  for (const [index, tool] of tools.entries()) {
    if ('missing' in tool || context.signal.aborted) continue;
    const command: Command = { type: 'argv', argv: tool.argv };
    // What is demanded of the output is demanded of the sample; of the checker only that it is content.
    const expect = index === 0 ? component.expect : EXPECT_SUCCESS;
    findings.push(...(await runStep({ name: tool.name, command, cwd, env: context.env, expect }, context)));
    if (findings.some((finding) => CONSEQUENCE[finding.code] === 'failed')) break;
  }
  return findings;
}

function missing(program: string, purpose: string, hint: string): Tool {
  return {
    missing: {
      code: 'missing-program',
      step: program,
      message: `${program} is not installed, or not on the PATH: it is needed to ${purpose}`,
      hint,
      program,
    },
  };
}

function pythonTools(sample: string, context: ComponentContext): Tool[] {
  const name = basename(sample);
  const has = (program: string): boolean => findProgram(program, context.env.PATH) !== undefined;
  const python = ['python', 'python3'].find(has);
  return [
    python === undefined
      ? missing(
          'python',
          `run ${name}`,
          'install Python (python3 serves as well), or put the virtual environment on the PATH',
        )
      : { name: 'sample', argv: [python, sample] },
    !has('mypy')
      ? missing(
          'mypy',
          `type-check ${name}`,
          'python -m pip install mypy, in the environment that the suite uses',
        )
      : { name: 'mypy', argv: ['mypy', sample] },
  ];
}

async function typescriptTools(
  component: TypesComponent,
  sample: string,
  context: ComponentContext,
): Promise<Tool[]> {
  const name = basename(sample);
  const has = (program: string): boolean => findProgram(program, context.env.PATH) !== undefined;
  const node = findProgram('node', context.env.PATH) ?? process.execPath;
  const runner: Tool = has('tsx')
    ? { name: 'sample', argv: ['tsx', sample] }
    : (await stripsTypes(node))
      ? { name: 'sample', argv: [node, sample] }
      : missing(
          'tsx',
          `run ${name}`,
          'npm install --save-dev tsx, or use Node 22.18 or newer, which runs TypeScript by itself',
        );
  if (!has('tsc')) return [runner, missing('tsc', `type-check ${name}`, 'npm install --save-dev typescript')];
  return [runner, { name: 'tsc', argv: ['tsc', ...(await tscArguments(component, sample, context))] }];
}

/**
 * With a tsconfig.json around the sample, tsc wants either the project or a file; we want that file under the
 * project's options, so a config that extends the project's names it alone. It is kept below the project's, so that
 * packages of types are found as they are for the project.
 */
async function tscArguments(
  component: TypesComponent,
  sample: string,
  context: ComponentContext,
): Promise<string[]> {
  const project = nearest('tsconfig.json', dirname(component.sample));
  if (project === undefined) return ['--noEmit', '--pretty', 'false', sample];
  const { folder, typeRoots } = configPlace(dirname(project), context);
  const config = join(folder, `tsconfig.${context.component}.json`);
  const text = {
    extends: project,
    compilerOptions: { noEmit: true, incremental: false, composite: false, ...typeRoots },
    files: [component.sample],
    include: [],
    references: [],
  };
  // Another run of this moment may be reading it: it is put into place whole.
  const draft = `${config}.${process.pid}`;
  await writeFile(draft, JSON.stringify(text, null, 2));
  await rename(draft, config);
  return ['--project', config, '--pretty', 'false'];
}

/** A project that cannot be written to has its config elsewhere, where packages of types must be pointed at. */
function configPlace(
  project: string,
  context: ComponentContext,
): { readonly folder: string; readonly typeRoots?: { readonly typeRoots: readonly string[] } } {
  try {
    return { folder: cacheDirectory(project) };
  } catch {
    const typeRoots = binFolders(project).map((folder) => join(dirname(folder), '@types'));
    return { folder: context.directory.path, typeRoots: { typeRoots } };
  }
}

function nearest(name: string, from: string): string | undefined {
  const path = join(from, name);
  if (existsSync(path)) return path;
  const parent = dirname(from);
  return parent === from ? undefined : nearest(name, parent);
}
