/** Imports every module of an installed Python package, each in a process of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Script } from '../../consumer/python/metadata.ts';
import type { PythonModule } from '../../consumer/python/modules.ts';
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import type { GridCell } from '../../core/grid.ts';
import { quote } from '../../core/quote.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { plural } from '../../core/units.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { harnessFile } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import type { PythonEntriesComponent } from './component.ts';
import type { ImportEvent } from './protocol.ts';
import { type ImportJudgement, judgeImport } from './python-judge.ts';
import { readEvents, readOutcome, readPrinted } from './python-outcomes.ts';

/** What is imported: a module of the package, or the function that a program of it calls. */
interface Wanted {
  readonly module: PythonModule;
  readonly script: Script | null;
}

interface Tried extends Wanted {
  /** Null: it was imported. Undefined: its process has not come to its end. */
  readonly judgement: ImportJudgement | null | undefined;
  readonly evidence: readonly string[];
}

const EXCUSES_SHOWN = 8;
const OTHERS_SHOWN = 5;
const LINES_SHOWN = 12;

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
/** By this a process ends itself that takes too long. */
const TOO_LONG = constants.signals.SIGALRM;

const wantedOf = ({ modules, scripts }: PythonEntriesComponent): Wanted[] => [
  ...modules.map((module) => ({ module, script: null })),
  ...scripts.map((script) => ({
    module: { name: script.module, file: script.module, isTop: false, isPublic: true },
    script,
  })),
];

/** A module that has ended its process. */
function judgeEnd(
  { code, signal }: Extract<ImportEvent, { type: 'ended' }>,
  { isTop }: PythonModule,
): ImportJudgement {
  if (signal === TOO_LONG) {
    const endless = 'it does not return';
    return isTop ? { because: endless } : { excuse: `${endless}: it may be a program` };
  }
  const name = SIGNALS.get(signal) as NodeJS.Signals | undefined;
  const exit = name === undefined ? { code, signal: null } : { code: null, signal: name };
  const cause = `it ends the process, which ${describeExit(exit)}`;
  return name !== undefined || isTop ? { because: cause } : { excuse: cause };
}

/** @param base the path of what its process has written, without the ending */
function triedOf(
  wanted: Wanted,
  event: ImportEvent | undefined,
  base: string,
  { package: about }: PythonEntriesComponent,
): Tried {
  if (event?.type === 'loaded') return { ...wanted, judgement: null, evidence: [] };
  if (event?.type !== 'ended') return { ...wanted, judgement: undefined, evidence: [] };
  const outcome = readOutcome(`${base}.json`);
  switch (outcome?.type) {
    case 'imported':
      return { ...wanted, judgement: null, evidence: [] };
    case 'threw':
      return {
        ...wanted,
        judgement: judgeImport(wanted.module, outcome.error, about),
        evidence: outcome.error.stack,
      };
    case 'lacks': {
      const because = `it has no ${wanted.script?.attribute ?? ''}`;
      return { ...wanted, judgement: { because }, evidence: [] };
    }
    default: {
      const evidence = readPrinted(`${base}.out`, LINES_SHOWN);
      return { ...wanted, judgement: judgeEnd(event, wanted.module), evidence };
    }
  }
}

/** As a person would say what was tried. */
const show = ({ module, script }: Wanted): string =>
  script === null
    ? `import ${module.name}`
    : `the program ${script.name} (${script.module}:${script.attribute})`;

const specifierOf = ({ module, script }: Wanted): string =>
  script === null ? module.name : `${script.module}:${script.attribute}`;

function reproduction(
  { module, script }: Wanted,
  { cwd, package: { python } }: PythonEntriesComponent,
): string {
  const code =
    script === null
      ? `import ${module.name}`
      : `from ${script.module} import ${script.attribute.split('.')[0]}`;
  return `cd ${quote(cwd)} && ${quote(python)} -X faulthandler -c ${quote(code)}`;
}

/** Failures for the same reason are one finding. */
function failuresOf(tried: readonly Tried[], component: PythonEntriesComponent): Finding[] {
  const groups = new Map<string, Tried[]>();
  for (const each of tried)
    if (each.judgement && 'because' in each.judgement) {
      const { because } = each.judgement;
      groups.set(because, [...(groups.get(because) ?? []), each]);
    }
  return [...groups].flatMap(([because, [first, ...others]]): Finding[] => {
    if (first === undefined) return [];
    return [
      {
        code: 'unloadable-entry',
        message: `${show(first)} fails: ${because}`,
        evidence: [
          ...first.evidence,
          ...firstFew(
            others.map((each) => `so does ${show(each)}`),
            OTHERS_SHOWN,
          ),
        ],
        hint: reproduction(first, component),
        specifier: specifierOf(first),
        form: 'import',
        count: others.length + 1,
      },
    ];
  });
}

/** What does not count against the package. */
function remarksOf(
  tried: readonly Tried[],
  { total, modules, package: { name } }: PythonEntriesComponent,
): Finding[] {
  const excuses = tried.flatMap((each) =>
    each.judgement && 'excuse' in each.judgement ? [`${show(each)}: ${each.judgement.excuse}`] : [],
  );
  const left = total - modules.length + tried.filter(({ judgement }) => judgement === undefined).length;
  const told = [
    ...(left > 0 ? [`${left.toLocaleString('en-US')} were left out`] : []),
    ...(excuses.length > 0 ? [`${excuses.length} did not work here, perhaps on purpose`] : []),
  ];
  if (told.length === 0) return [];
  const evidence = firstFew(excuses, EXCUSES_SHOWN);
  const note: Finding = {
    code: 'entries-left-out',
    message: `of ${plural(total, 'module', 'modules')} ${told.join(', and ')}`,
    evidence,
    count: excuses.length + left,
  };
  const tops = tried.filter(({ module, script }) => module.isTop && module.isPublic && script === null);
  const isNothingLoaded =
    tops.length > 0 && tops.every(({ judgement }) => judgement && 'excuse' in judgement);
  if (!isNothingLoaded) return [note];
  const message = `${name} cannot be imported here: ${firstExcuse(tops)}`;
  return [note, { code: 'zero-work', message, evidence }];
}

const firstExcuse = (tried: readonly Tried[]): string =>
  tried.flatMap(({ judgement }) => (judgement && 'excuse' in judgement ? judgement.excuse : []))[0] ?? '';

function cellOfTried(each: Tried): GridCell {
  const { judgement, module, script, evidence } = each;
  const place = { row: script?.name ?? module.name, column: script === null ? 'imported' : 'its function' };
  if (judgement === undefined) return { ...place, outcome: 'skipped', text: 'not reached', detail: [] };
  if (judgement === null) return { ...place, outcome: 'passed', text: module.file, detail: [] };
  return 'because' in judgement
    ? { ...place, outcome: 'failed', text: `fails: ${judgement.because}`, detail: [module.file, ...evidence] }
    : { ...place, outcome: 'note', text: judgement.excuse, detail: [module.file, ...evidence] };
}

function tell(
  tried: readonly Tried[],
  { package: { name } }: PythonEntriesComponent,
  context: ComponentContext,
): void {
  const cells = tried.map(cellOfTried);
  const [rows, columns] = [cells.map(({ row }) => row), cells.map(({ column }) => column)];
  const axes = { rowsAre: 'module or program', columnsAre: 'what was done', rows: [...new Set(rows)] };
  tellGrid({ title: `the modules of ${name}`, ...axes, columns: [...new Set(columns)], cells }, context);
}

/** Imports the modules of a package, and looks for what its programs call. */
export async function runPythonEntries(
  component: PythonEntriesComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  const wanted = wantedOf(component);
  const folder = join(context.directory.path, `imports-${context.id}`);
  mkdirSync(folder, { recursive: true });
  const job = join(folder, 'job');
  writeFileSync(
    job,
    wanted
      .map(
        ({ module, script }) => `${module.isTop ? 'top' : 'sub'} ${module.name} ${script?.attribute ?? ''}\n`,
      )
      .join(''),
  );
  const argv = [component.package.python, '-I', harnessFile('harness/python/entries.py'), job] as const;
  const command = { type: 'argv', argv } as const;
  const step = { name: 'import', command, cwd: component.cwd, env: context.env, expect: EXPECT_SUCCESS };
  const findings = await runStep(step, context);
  if (context.signal.aborted) return [...component.seen, ...findings];
  const ends = new Map(readEvents(`${job}.ndjson`).map((event) => [event.index, event]));
  const tried = wanted.map((each, index) =>
    triedOf(each, ends.get(index), join(folder, String(index)), component),
  );
  tell(tried, component, context);
  return [...component.seen, ...failuresOf(tried, component), ...findings, ...remarksOf(tried, component)];
}
