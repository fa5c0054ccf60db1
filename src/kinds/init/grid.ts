/** What a trial of `init` has tried, as a matrix: the ways to start × how far each got. */
import { basename } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { Grid, GridCell } from '../../core/grid.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf } from '../common/grids.ts';
import type { InitComponent } from './component.ts';
import type { Tried } from './process.ts';
import type { Scenario } from './protocol.ts';
import { foldFindings } from './together.ts';

/** A scenario that was tried. */
export interface TriedScenario extends Tried {
  readonly scenario: Scenario;
}

const STAGES = ['loaded', 'used for the first time', 'ended'] as const;
type Stage = (typeof STAGES)[number];

const WAYS: Readonly<Record<Exclude<Scenario, 'process' | 'subinterpreter-control'>, string>> = {
  formats: 'by import() and by require(), in one process',
  worker: 'in a worker alone',
  reload: 'in the main thread, then in one worker after another',
  vm: 'in a context of node:vm',
  fork: 'in a process that then forks',
  subinterpreter: 'in one interpreter after another, in one process',
  thread: 'in a thread, and not in the main thread',
  again: 'once more, by importlib.reload',
  optimized: 'without assertions (-O)',
  warnings: 'with warnings as errors (-W error)',
  development: 'in the development mode (-X dev)',
  'debug-memory': 'under the debugging allocator (PYTHONMALLOC=debug)',
  'hash-seed': 'with another hash seed (PYTHONHASHSEED)',
};

/** By the words in which the programs tell what they are doing. */
function stageOf(doing: string | null): Stage {
  if (doing === null || doing.startsWith('ending')) return 'ended';
  return /^(?:using|running)/.test(doing) ? 'used for the first time' : 'loaded';
}

/** Where a finding belongs: what is seen from outside is seen at the end. */
function stageOfFinding(finding: Finding): Stage {
  switch (finding.code) {
    case 'init-failed':
    case 'init-hang':
      return stageOf(finding.doing);
    case 'two-instances':
    case 'singleton-differs':
    case 'other-runtime':
    case 'init-warning':
    case 'preset-not-in-force':
      return 'loaded';
    case 'init-unsupported':
      return 'used for the first time';
    default:
      return 'ended';
  }
}

/** A row of the matrix: the processes that started in one way, of which none were tried if there are none. */
interface Way {
  readonly name: string;
  readonly tried: readonly Tried[];
}

/**
 * @param together the processes that were released at once
 * @param scenarios those that were tried, of `wanted`
 */
export function initGrid(
  component: InitComponent,
  wanted: readonly Scenario[],
  together: readonly Tried[],
  scenarios: readonly TriedScenario[],
  context: Pick<ComponentContext, 'verdictOf'>,
): Grid {
  const ways: Way[] = [
    { name: `in ${plural(together.length, 'fresh process', 'fresh processes at once')}`, tried: together },
    ...wanted.flatMap((scenario): Way[] =>
      scenario === 'process' || scenario === 'subinterpreter-control'
        ? []
        : [{ name: WAYS[scenario], tried: scenarios.filter((each) => each.scenario === scenario) }],
    ),
  ];
  const stages = STAGES.filter((stage) => component.use !== null || stage !== 'used for the first time');
  return {
    title: `starting with ${component.module}`,
    rowsAre: 'where it is loaded',
    columnsAre: 'how far it got',
    rows: ways.map(({ name }) => name),
    columns: stages,
    cells: ways.flatMap((way) => cellsOf(way, stages, component, context)),
  };
}

function cellsOf(
  { name, tried }: Way,
  stages: readonly Stage[],
  component: InitComponent,
  context: Pick<ComponentContext, 'verdictOf'>,
): GridCell[] {
  const skipped = (column: Stage, text: string): GridCell => ({
    ...{ row: name, column, outcome: 'skipped', text, detail: [] },
  });
  const [first] = tried;
  if (first === undefined)
    return stages.map((stage) => skipped(stage, 'not tried, since another way failed'));
  const { notTried } = first.report;
  if (notTried !== null) return stages.map((stage) => skipped(stage, notTried));
  const findings = foldFindings(tried);
  return stages.map((stage): GridCell => {
    const own = findings.filter((finding) => stageOfFinding(finding) === stage);
    const passed = tried.filter((each) => hasPassed(each, stage)).length;
    if (own.length === 0 && passed === 0) return skipped(stage, 'not reached');
    return cellOf({ row: name, column: stage }, own, { text: textFor(stage, passed, component) }, context);
  });
}

const hasPassed = ({ findings, report }: Tried, stage: Stage): boolean =>
  STAGES.indexOf(stageOf(report.doing)) >= STAGES.indexOf(stage) &&
  !findings.some((finding) => stageOfFinding(finding) === stage);

function textFor(stage: Stage, passed: number, { use, module }: InitComponent): string {
  const what = { loaded: basename(module), 'used for the first time': use ?? '', ended: 'by itself' }[stage];
  return passed > 1 ? `${what}, ${passed.toLocaleString('en-US')} times` : what;
}
