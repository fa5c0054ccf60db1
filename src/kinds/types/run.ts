import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { type Command, EXPECT_SUCCESS } from '../../core/suite.ts';
import { binFolders } from '../../files/bin-folders.ts';
import { findProgram } from '../../files/find-program.ts';
import { projectCache } from '../../store/state-folder.ts';
import type { ComponentContext } from '../common/context.ts';
import { missingProgram, missingPython, nodeOf, pythonOf } from '../common/programs.ts';
import { runStep, type Step } from '../common/run-step.ts';
import { stripsTypes } from '../common/typescript.ts';
import type { SampleTypesComponent, TypesComponent } from './component.ts';
import { REFUSALS, REFUSED_OTHERWISE } from './refusal.ts';

/** A step of checking a sample, or a finding that its program is missing. */
type Tool =
  | {
      readonly name: string;
      readonly argv: readonly [string, ...string[]];
      /** Absolute path of the file that it must reject. */
      readonly refuses?: string;
    }
  | { readonly missing: Finding };

/** Runs and type-checks the sample: each finds what the other misses. */
export async function runTypes(component: TypesComponent, context: ComponentContext): Promise<Finding[]> {
  if (component.package === null) return runSample(component, context);
  const { runPackageTypes } = await import('./package.ts');
  return runPackageTypes(component, context);
}

async function runSample(component: SampleTypesComponent, context: ComponentContext): Promise<Finding[]> {
  const { cwd } = component;
  // Relative, as a user would type it: a sample may read its own arguments.
  const sample = relative(cwd, component.sample);
  const tools =
    component.language === 'python'
      ? pythonTools(component, sample, context)
      : await typescriptTools(component, sample, context);
  const missing = tools.flatMap((tool) => ('missing' in tool ? [tool.missing] : []));
  if (missing.length > 0) return missing;
  const findings: Finding[] = [];
  for (const [index, tool] of tools.entries()) {
    if ('missing' in tool || context.signal.aborted) continue;
    const command: Command = { type: 'argv', argv: tool.argv };
    // `expect` is for the sample; a checker only has to succeed.
    const expect = index === 0 ? component.expect : EXPECT_SUCCESS;
    const step = { name: tool.name, command, cwd, env: context.env, expect };
    findings.push(
      ...(tool.refuses === undefined
        ? await runStep(step, context)
        : await expectRefusal(
            step,
            tool.refuses,
            component.language === 'python' ? REFUSALS.mypy : REFUSALS.tsc,
            context,
          )),
    );
    if (context.verdictOf(findings) === 'failed') break;
  }
  return findings;
}

/** Type checkers exit with 1 or 2 when they reject a file; any other exit code is a finding of its own. */
async function expectRefusal(
  step: Step,
  file: string,
  source: string,
  context: ComponentContext,
): Promise<Finding[]> {
  const output = [{ type: 'regex', source, flags: '' }] as const;
  const expect = { ...EXPECT_SUCCESS, exitCodes: [1, 2], output };
  const findings = await runStep({ ...step, expect }, context);
  return findings.map((finding): Finding => {
    const misuse = {
      code: 'accepted-misuse',
      step: step.name,
      file: basename(file),
      where: [step.name],
    } as const;
    if (finding.code === 'missing-output')
      return {
        ...misuse,
        message: `${basename(file)} is not rejected because of its types: ${REFUSED_OTHERWISE}`,
        evidence: finding.evidence ?? [],
        hint: 'fix that first; then the checker must object to its types alone',
      };
    if (finding.code !== 'exit-code' || finding.exitCode !== 0) return finding;
    return {
      ...misuse,
      message: `${basename(file)} must not type-check, but does`,
      hint: 'types that are `any` accept everything; see what your editor says about the names in that file',
    };
  });
}

const missing = (...program: Parameters<typeof missingProgram>): Tool => ({
  missing: missingProgram(...program),
});

function pythonTools(component: SampleTypesComponent, sample: string, context: ComponentContext): Tool[] {
  const name = basename(sample);
  const has = (program: string): boolean => findProgram(program, context.env.PATH) !== undefined;
  const python = pythonOf(context.env);
  return [
    python === undefined
      ? { missing: missingPython(`run ${name}`) }
      : { name: 'sample', argv: [python, sample] },
    !has('mypy')
      ? missing(
          'mypy',
          `type-check ${name}`,
          'python -m pip install mypy, in the environment that the suite uses',
        )
      : { name: 'mypy', argv: ['mypy', sample] },
    // The two find different errors; whoever has both wants both.
    ...(has('pyright') ? [{ name: 'pyright', argv: ['pyright', sample] } as const] : []),
    ...component.negative.map(
      (file, index): Tool => ({ name: `refusal-${index + 1}`, argv: ['mypy', file], refuses: file }),
    ),
    ...(component.module === null ? [] : moduleTools(component.module, component.completeness, has)),
  ];
}

/** The tools that compare a module with its stubs. */
function moduleTools(module: string, completeness: number | null, has: (program: string) => boolean): Tool[] {
  const stubtest: Tool = has('stubtest')
    ? { name: 'stubtest', argv: ['stubtest', '--concise', module] }
    : missing(
        'stubtest',
        `compare the stubs of ${module} with it`,
        'python -m pip install mypy, which includes it, in the environment that the suite uses',
      );
  if (completeness === null) return [stubtest];
  const purpose = `count the names of ${module} whose type is known`;
  if (!has('pyright'))
    return [
      stubtest,
      missing('pyright', purpose, 'python -m pip install pyright, in the environment that the suite uses'),
    ];
  // Its own exit code fails anything below 100 %.
  const argv = ['/bin/sh', '-c', COUNT_TYPES, module, String(completeness)] as const;
  return [stubtest, { name: 'verifytypes', argv }];
}

const COUNT_TYPES = `
report=$(pyright --ignoreexternal --verifytypes "$0")
printf '%s\\n' "$report" | awk -v floor="$1" '
  { print }
  /^Type completeness score:/ { score = $4 + 0; told = 1 }
  END {
    if (!told) { print "error: pyright told no score"; exit 1 }
    if (score < floor) { printf "error: the type of %s%% of the public names is known, wanted %s%%\\n", score, floor; exit 1 }
  }'`;

async function typescriptTools(
  component: SampleTypesComponent,
  sample: string,
  context: ComponentContext,
): Promise<Tool[]> {
  const name = basename(sample);
  const has = (program: string): boolean => findProgram(program, context.env.PATH) !== undefined;
  const node = nodeOf(context.env);
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
  const check = async (file: string, id: string): Promise<[string, ...string[]]> => [
    'tsc',
    ...(await tscArguments(file, id, component.cwd, context)),
  ];
  const refusals = component.negative.map(async (file, index): Promise<Tool> => {
    const tool = `refusal-${index + 1}`;
    return { name: tool, argv: await check(file, `${context.component}.${tool}`), refuses: file };
  });
  return [
    runner,
    { name: 'tsc', argv: await check(component.sample, context.component) },
    ...(await Promise.all(refusals)),
  ];
}

/**
 * tsc checks either a project or a file. To check one file under its project's options, this writes a config that
 * extends the project's and names only that file. It lies below the project, so that `@types` packages resolve the
 * same way.
 */
async function tscArguments(
  file: string,
  id: string,
  cwd: string,
  context: ComponentContext,
): Promise<string[]> {
  const project = nearest('tsconfig.json', dirname(file));
  if (project === undefined) return ['--noEmit', '--pretty', 'false', relative(cwd, file)];
  const { folder, typeRoots } = configPlace(dirname(project), context);
  const config = join(folder, `tsconfig.${id}.json`);
  const text = {
    extends: project,
    compilerOptions: { noEmit: true, incremental: false, composite: false, ...typeRoots },
    files: [file],
    include: [],
    references: [],
  };
  // Written atomically, as another run may be reading it.
  const draft = `${config}.${process.pid}`;
  await writeFile(draft, JSON.stringify(text, null, 2));
  await rename(draft, config);
  return ['--project', config, '--pretty', 'false'];
}

/** For a read-only project the config lies elsewhere, and must name the folders of `@types`. */
function configPlace(
  project: string,
  context: ComponentContext,
): { readonly folder: string; readonly typeRoots?: { readonly typeRoots: readonly string[] } } {
  try {
    return { folder: projectCache(project) };
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
