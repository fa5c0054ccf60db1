import { basename, relative } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { type Command, EXPECT_SUCCESS } from '../../core/suite.ts';
import { findProgram } from '../../files/find-program.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { missingProgram, missingPython, nodeOf, pythonOf } from '../common/programs.ts';
import { runStep, type Step } from '../common/run-step.ts';
import { stripsTypes } from '../common/typescript.ts';
import { isForCheckers, type SampleTypesComponent, type TypesComponent } from './component.ts';
import { compilerItself } from './installed-tsc.ts';
import { provesToBeRead, removeCopy, type View, viewOf } from './overlay.ts';
import { REFUSALS, REFUSED_OTHERWISE } from './refusal.ts';
import { type TriedTool, toolGrid } from './tool-grid.ts';
import { tscArguments } from './tsc.ts';

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
  try {
    const view = await viewOf(component, context);
    if (!view.ok) return [...view.error];
    const findings = await runTools(component, view.value, context);
    const isControl = component.overlay?.survey === null;
    if (!isControl || findings.length > 0 || context.signal.aborted) return findings;
    return await checkThatRead(component, view.value, context);
  } finally {
    removeCopy(component);
  }
}

/** The tools of a sample, the one that runs it first. */
async function toolsOf(
  component: SampleTypesComponent,
  view: View,
  context: ComponentContext,
): Promise<readonly Tool[]> {
  // Relative, as a user would type it: a sample may read its own arguments.
  const sample = relative(component.cwd, component.sample);
  return component.language === 'python'
    ? pythonTools(component, sample, view, context)
    : await typescriptTools(sample, view, context);
}

async function runTools(
  component: SampleTypesComponent,
  view: View,
  context: ComponentContext,
): Promise<Finding[]> {
  const tools = await toolsOf(component, view, context);
  const missing = tools.flatMap((tool) => ('missing' in tool ? [tool.missing] : []));
  if (missing.length > 0) return missing;
  const refusal = component.language === 'python' ? REFUSALS.mypy : REFUSALS.tsc;
  const findings: Finding[] = [];
  const tried: TriedTool[] = [];
  for (const [index, tool] of tools.entries()) {
    if ('missing' in tool || context.signal.aborted) continue;
    if (index === 0 && isForCheckers(component)) continue;
    const command: Command = { type: 'argv', argv: tool.argv };
    // `expect` is for the sample, which is run as it is; a checker only has to succeed.
    const step: Step =
      index === 0
        ? { name: tool.name, command, cwd: component.cwd, env: context.env, expect: component.expect }
        : { name: tool.name, command, cwd: view.cwd, env: view.env, expect: EXPECT_SUCCESS };
    const found =
      tool.refuses === undefined
        ? await runStep(step, context)
        : await expectRefusal(step, tool.refuses, refusal, context);
    findings.push(...found);
    tried.push({ name: tool.name, refuses: tool.refuses, findings: found });
    if (context.verdictOf(findings) === 'failed') break;
  }
  // A trial of changed declarations is told by what it is a trial of.
  if (!context.signal.aborted && !isForCheckers(component))
    tellGrid(
      toolGrid(
        component,
        tools.flatMap((tool) => ('missing' in tool ? [] : [tool])),
        tried,
        context,
      ),
      context,
    );
  return findings;
}

/** Checks that the checker reads the copy of the declarations: it must complain if that is nonsense. */
async function checkThatRead(
  component: SampleTypesComponent,
  view: View,
  context: ComponentContext,
): Promise<Finding[]> {
  const [, checker] = await toolsOf(component, view, context);
  if (checker === undefined || 'missing' in checker || !provesToBeRead(component, view)) return [];
  const findings = await runStep(
    {
      name: 'reads-copy',
      title: `${checker.name}, with nonsense in the copy of the declarations,`,
      command: { type: 'argv', argv: checker.argv },
      cwd: view.cwd,
      env: view.env,
      expect: { ...EXPECT_SUCCESS, exitCodes: [1, 2] },
    },
    context,
  );
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

function pythonTools(
  component: SampleTypesComponent,
  sample: string,
  view: View,
  context: ComponentContext,
): Tool[] {
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
    // The two find different errors; users who have both want both.
    ...(has('pyright') ? [{ name: 'pyright', argv: ['pyright', ...view.pyright, sample] } as const] : []),
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

async function typescriptTools(sample: string, view: View, context: ComponentContext): Promise<Tool[]> {
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
  // As a user would type it, unless it is run for one declaration after another.
  const tsc = view.mirror === null ? 'tsc' : compilerItself(context.env.PATH);
  const check = async (file: string, id: string): Promise<[string, ...string[]]> => [
    tsc,
    ...(await tscArguments(file, id, view, context)),
  ];
  const refusals = view.negative.map(async (file, index): Promise<Tool> => {
    const tool = `refusal-${index + 1}`;
    return { name: tool, argv: await check(file, `${context.component}.${tool}`), refuses: file };
  });
  return [
    runner,
    { name: 'tsc', argv: await check(view.sample, context.component) },
    ...(await Promise.all(refusals)),
  ];
}
