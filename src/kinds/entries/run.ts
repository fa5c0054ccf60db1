import type { EntryLoad } from '../../core/entry.ts';
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { plural } from '../../core/units.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { runLoadRounds } from '../common/load-rounds.ts';
import { notForHere } from '../common/other-runtimes.ts';
import { missingNamed } from '../mistake.ts';
import type { NodeEntriesComponent } from './component.ts';
import { entryGrid, type LoadOutcome } from './grid.ts';
import { judgeError } from './judge.ts';
import { missingFiles } from './missing-file.ts';
import type { LoadEvent } from './protocol.ts';
import { type Failure, unloadable } from './unloadable.ts';

const EXCUSES_SHOWN = 8;

/** The results so far. */
interface Progress {
  /** By cause, in order of appearance. */
  readonly failures: Map<string, Failure>;
  /** Findings about the processes that loaded them. */
  readonly findings: Finding[];
  /** Why entry points failed that may do so; once for both forms. */
  readonly excuses: Set<string>;
  /** Those excuses that name another runtime or another Node. */
  readonly elsewhere: Set<string>;
  /** Those that name a package that is optional, with its name. */
  readonly optional: Map<string, string>;
  /** What came of each load, by its index. */
  readonly outcomes: Map<number, LoadOutcome>;
}

/** Loads every entry point in each of its forms, and reports files that the manifest names and the package lacks. */
export async function runNodeEntries(
  component: NodeEntriesComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  const progress: Progress = {
    failures: new Map(),
    findings: [],
    excuses: new Set(),
    elsewhere: new Set(),
    optional: new Map(),
    outcomes: new Map(),
  };
  const { loads, cwd } = component;
  const rounds = { name: 'load', harness: 'harness-entries.js', loads, cwd, expect: EXPECT_SUCCESS };
  const unreached = await runLoadRounds<LoadEvent>(rounds, context, (events, step, ended) => {
    takeEvents(events, component, progress);
    takeEnd(step, ended, component, progress);
  });
  if (!context.signal.aborted) tellGrid(entryGrid(component, progress.outcomes), context);
  const findings = [
    ...missingFiles(component),
    ...[...progress.failures.values()].flatMap((failure) => unloadable(failure, cwd)),
    ...progress.findings,
  ];
  return [...findings, ...remarks(component, progress, findings), ...unreached];
}

function addFailure(
  { failures, outcomes }: Progress,
  index: number,
  load: EntryLoad,
  failure: Omit<Failure, 'loads'>,
  cause = failure.because,
): void {
  outcomes.set(index, { outcome: 'failed', text: failure.because, detail: failure.evidence });
  const known = failures.get(cause);
  if (known === undefined) failures.set(cause, { ...failure, loads: [load] });
  else known.loads.push(load);
}

/** @param ended index of the load that ended the process */
function takeEnd(
  step: readonly Finding[],
  ended: number | undefined,
  component: NodeEntriesComponent,
  progress: Progress,
): void {
  const load = ended === undefined ? undefined : component.loads[ended];
  const others = step.filter(
    ({ code }) => code !== 'forbidden-output' && (load === undefined || code !== 'exit-code'),
  );
  progress.findings.push(...others);
  if (ended === undefined || load === undefined) return;
  const exit = step.find((finding) => finding.code === 'exit-code');
  if (exit !== undefined && (exit.signal !== null || isMainOf(component, load)))
    addFailure(progress, ended, load, {
      because: `ends the process: it ${describe(exit)}`,
      evidence: exit.evidence ?? [],
    });
  else if (others.length === 0) excuse(progress, ended, load, 'it ends the process that loads it');
}

/** What does not work here, and may be meant so. @returns how it is told */
function excuse({ excuses, outcomes }: Progress, index: number, load: EntryLoad, why: string): string {
  outcomes.set(index, { outcome: 'note', text: `did not work here, perhaps on purpose: ${why}`, detail: [] });
  const told = `${load.specifier}: ${why}`;
  excuses.add(told);
  return told;
}

const describe = ({ exitCode, signal }: Finding & { readonly code: 'exit-code' }): string =>
  describeExit({ code: exitCode, signal: signal as NodeJS.Signals | null });

const isMainOf = (component: NodeEntriesComponent, load: EntryLoad): boolean =>
  load.specifier === component.package.name;

/** Reports what does not count against the package. */
function remarks(
  component: NodeEntriesComponent,
  progress: Progress,
  findings: readonly Finding[],
): Finding[] {
  const left = component.total - component.loads.length;
  const excuses = [...progress.excuses];
  const told = [
    ...(left > 0 ? [`${left.toLocaleString('en-US')} were left out`] : []),
    ...(excuses.length > 0 ? [`${excuses.length} did not work here, perhaps on purpose`] : []),
  ];
  if (told.length === 0) return [];
  const evidence = firstFew(excuses, EXCUSES_SHOWN);
  const ways = plural(component.total, 'way', 'ways');
  const note: Finding = {
    code: 'entries-left-out',
    message: `of ${ways} to load it ${told.join(', and ')}`,
    evidence,
    count: excuses.length + left,
  };
  const isAnyLoaded = [...progress.outcomes.values()].some(({ outcome }) => outcome === 'passed');
  if (isAnyLoaded || findings.length > 0) return [note];
  if (excuses.length > 0 && excuses.every((excuse) => progress.elsewhere.has(excuse)))
    return [note, notForHere(component.package.name, 'all its entry points are for another runtime')];
  const nothing: Finding = { code: 'zero-work', message: 'no entry point could be loaded here', evidence };
  const [optional] = progress.optional.values();
  if (optional === undefined || !excuses.every((excuse) => progress.optional.has(excuse)))
    return [note, nothing];
  return [
    note,
    { ...nothing, message: `${nothing.message} without ${optional}`, mistake: missingNamed(optional) },
  ];
}

function takeEvents(events: readonly LoadEvent[], component: NodeEntriesComponent, progress: Progress): void {
  for (const event of events) {
    const load = component.loads[event.index];
    if (load === undefined || event.type === 'begun') continue;
    if (event.type === 'loaded')
      progress.outcomes.set(event.index, { outcome: 'passed', text: load.file, detail: [] });
    else {
      const judgement = judgeError(load, event.error, component.package, isMainOf(component, load));
      if ('because' in judgement)
        addFailure(
          progress,
          event.index,
          load,
          {
            because: `fails: ${judgement.because}`,
            evidence: event.error.stack,
            undeclared: judgement.undeclared,
          },
          judgement.cause,
        );
      else {
        const told = excuse(progress, event.index, load, judgement.excuse);
        if (judgement.isElsewhere === true) progress.elsewhere.add(told);
        if (judgement.optional !== undefined) progress.optional.set(told, judgement.optional);
      }
    }
  }
}
