import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import type { InitComponent } from './component.ts';
import { initGrid, type TriedScenario } from './grid.ts';
import { reproduction, type Tried, tryProcess } from './process.ts';
import { type Argv, type InitPrograms, initPrograms } from './program.ts';
import type { InitReport, Scenario } from './protocol.ts';
import { tryStart } from './start.ts';
import { foldFindings, tryTogether } from './together.ts';

/** Loads a module in fresh processes: first in several at once, then in each scenario, and last to measure its start. */
export async function runInit(component: InitComponent, context: ComponentContext): Promise<Finding[]> {
  const programs = await initPrograms(component, context.env);
  if (!programs.ok) return [programs.error];
  const folder = join(context.directory.path, 'init', context.id);
  mkdirSync(folder, { recursive: true });

  const together = await tryTogether(component, programs.value, folder, context);
  const findings = foldFindings(together);
  // A module that never loads would fail everywhere else for the same reason.
  const isHopeless = together.every(
    ({ findings: own }) => context.verdictOf(own) === 'failed' || isNotForHere(own),
  );
  const tell = (scenarios: readonly TriedScenario[]): void => {
    // What was cut short looks as if it had failed.
    if (context.signal.aborted || !component.parts.includes('scenarios')) return;
    tellGrid(initGrid(component, programs.value.chains.flat(), together, scenarios, context), context);
  };
  if (isHopeless || context.signal.aborted) {
    tell([]);
    return (await withoutAny(component, together, programs.value, folder, context)) ?? findings;
  }
  const scenarios = component.parts.includes('scenarios')
    ? await tryScenarios(component, programs.value, folder, context)
    : [];
  findings.push(...scenarios.flatMap((each) => each.findings));
  tell(scenarios);
  if (context.verdictOf(findings) === 'failed' || context.signal.aborted) return findings;
  if (!component.parts.includes('modules')) return findings;
  const form = together[0]?.report.form ?? 'import';
  findings.push(...(await tryStart(component, programs.value, form, folder, context)));
  return findings;
}

const isNotForHere = (findings: readonly Finding[]): boolean =>
  findings.some(({ code }) => code === 'other-runtime');

/** A package whose import fails in any case is a matter of `entries`, which knows whether that may be meant so. */
async function withoutAny(
  component: InitComponent,
  together: readonly Tried[],
  programs: InitPrograms,
  folder: string,
  context: ComponentContext,
): Promise<Finding[] | undefined> {
  const raised = together.flatMap(({ findings }) => findings.find(isRaised) ?? []);
  if (!component.parts.includes('modes') || raised.length < together.length || context.signal.aborted)
    return undefined;
  const alone = await tryScenario('thread', component, programs, folder, context);
  const failure = alone.findings.find(isRaised);
  if (failure === undefined) return undefined;
  const { message, evidence = [] } = failure;
  const because = message.slice(message.indexOf(': ') + 2);
  return [{ code: 'zero-work', message: `${component.module} cannot be imported: ${because}`, evidence }];
}

/** An exception has ended the process, and no signal. */
const isRaised = (finding: Finding): boolean => finding.code === 'init-failed' && finding.exitCode === 1;

/** Runs as many chains in parallel as there are cores. */
async function tryScenarios(
  component: InitComponent,
  programs: InitPrograms,
  folder: string,
  context: ComponentContext,
): Promise<TriedScenario[]> {
  const tried: TriedScenario[][] = [];
  const left = [...programs.chains.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && !context.signal.aborted; next = left.shift()) {
      const [place, chain] = next;
      tried[place] = await tryChain(chain, component, programs, folder, context);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return tried.flat();
}

async function tryChain(
  chain: readonly Scenario[],
  component: InitComponent,
  programs: InitPrograms,
  folder: string,
  context: ComponentContext,
): Promise<TriedScenario[]> {
  const tried: TriedScenario[] = [];
  for (const scenario of chain) {
    const soFar = tried.flatMap(({ findings }) => findings);
    if (context.verdictOf(soFar) === 'failed' || context.signal.aborted) break;
    const { findings, report } = await tryScenario(scenario, component, programs, folder, context);
    const judged = [
      ...judgeSupport(scenario, report, component),
      ...judgeMode(scenario, report, component),
      ...judgeInstances(scenario, report, component),
    ];
    tried.push({ scenario, findings: [...findings, ...judged], report });
    if (report.notTried !== null) context.log.write(scenario, Buffer.from(`not tried: ${report.notTried}\n`));
  }
  return tried;
}

/** Scenarios in which the interpreter itself may fail, each with a control that leaves out the module. */
const CONTROLS: Partial<Record<Scenario, Scenario>> = { subinterpreter: 'subinterpreter-control' };

async function tryScenario(
  scenario: Scenario,
  component: InitComponent,
  programs: InitPrograms,
  folder: string,
  context: ComponentContext,
): Promise<Tried> {
  const trial = {
    name: scenario,
    argv: programs.scenario(scenario),
    report: join(folder, scenario),
    gate: null,
  };
  const tried = await tryProcess(trial, component, context);
  const control = CONTROLS[scenario];
  if (control === undefined || context.verdictOf(tried.findings) !== 'failed') return tried;
  const controlled = await tryScenario(control, component, programs, folder, context);
  if (context.verdictOf(controlled.findings) !== 'failed') return tried;
  return { findings: [], report: { ...tried.report, notTried: 'the interpreter itself fails there' } };
}

function judgeSupport(step: Scenario, { unsupported }: InitReport, { module }: InitComponent): Finding[] {
  if (unsupported === null) return [];
  const message = `${module} can be imported in subinterpreters, but its first use fails ${unsupported}`;
  const hint = 'a module that does not support them should refuse to be imported there (PEP 489, PEP 684)';
  return [{ code: 'init-unsupported', step, message, hint }];
}

/** What the ways to start Python have shown, beside failures. A harness that knows of no such ways says nothing of them. */
function judgeMode(step: Scenario, { warning, absent }: InitReport, { module }: InitComponent): Finding[] {
  if (typeof absent === 'string') {
    const message = `${absent} was asked for, and is not in force`;
    return [{ code: 'preset-not-in-force', step, message, preset: absent }];
  }
  if (typeof warning !== 'string') return [];
  const hint = 'see where it comes from: python -W error -c "import …"';
  const message = `the import of ${module} fails where warnings are errors: ${warning}`;
  return [{ code: 'init-warning', step, message, hint: hint.replace('…', module) }];
}

function judgeInstances(
  step: Scenario,
  { differing }: InitReport,
  { singletons, module, cwd }: InitComponent,
): Finding[] {
  if (differing.length === 0) return [];
  const broken = singletons.filter((name) => differing.includes(name));
  if (broken.length > 0)
    return [
      {
        code: 'singleton-differs',
        step,
        message: `import() and require() of ${module} give two instances of ${broken.join(', ')}: what is set in one is not seen in the other`,
        hint: `have one form load the other; to see both: ${reproduction(cwd, comparison(module))}`,
        differing,
      },
    ];
  return [
    {
      code: 'two-instances',
      step,
      message: `import() and require() of ${module} give two instances of ${nameFew(differing, SHOWN_NAMES)}`,
      hint: 'if one of them holds state, list it in `singletons`, and this will fail',
      differing,
    },
  ];
}

/** Prints each export, and whether both forms give the same instance. */
const comparison = (module: string): Argv => [
  'node',
  '--eval',
  `import('${module}').then((it) => Object.keys(it).map((name) => console.log(name, it[name] === require('${module}')[name])))`,
];

const SHOWN_NAMES = 5;
