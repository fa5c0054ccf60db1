import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryLoad } from '../../core/entry.ts';
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { ComponentContext } from '../common/context.ts';
import { notForHere } from '../common/other-runtimes.ts';
import { harnessFile, nodeOf } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import { MOST_RESTARTS, untried } from '../common/untried.ts';
import type { EntriesComponent } from './component.ts';
import { judgeError } from './judge.ts';
import { missingFile } from './missing-file.ts';
import type { EntriesJob, LoadEvent } from './protocol.ts';
import { type Failure, unloadable } from './unloadable.ts';

const EXCUSES_SHOWN = 8;

/** The results so far. */
interface Progress {
  /** By their reason, in the order in which they were seen. */
  readonly failures: Map<string, Failure>;
  /** Findings about the processes that loaded them. */
  readonly findings: Finding[];
  /** Each entry point that did not work, once for both forms. */
  readonly excuses: Set<string>;
  /** Those of them that are meant for another runtime, or another Node. */
  readonly elsewhere: Set<string>;
  loaded: number;
  /** How many loads were begun. */
  reached: number;
}

/** Loads every entry point in every form that it has, and finds files that are promised and missing. */
export async function runEntries(component: EntriesComponent, context: ComponentContext): Promise<Finding[]> {
  const progress: Progress = {
    failures: new Map(),
    findings: [],
    excuses: new Set(),
    elsewhere: new Set(),
    loaded: 0,
    reached: 0,
  };
  let from = 0;
  let round = 0;
  for (; round <= MOST_RESTARTS && from < component.loads.length; round++) {
    if (context.signal.aborted) break;
    from = await loadSome(component, from, round, progress, context);
  }
  const findings = [
    ...component.missing.map(missingFile),
    ...[...progress.failures.values()].flatMap((failure) => unloadable(failure, component.cwd)),
    ...progress.findings,
  ];
  return [
    ...findings,
    ...remarks(component, progress, findings),
    ...untried(component.loads, progress.reached, round - 1),
  ];
}

function addFailure(
  { failures }: Progress,
  load: EntryLoad,
  because: string,
  evidence: readonly string[],
): void {
  const known = failures.get(because);
  if (known === undefined) failures.set(because, { because, evidence, loads: [load] });
  else known.loads.push(load);
}

/** @returns the index of the load to continue with after one that ended its process */
async function loadSome(
  component: EntriesComponent,
  from: number,
  round: number,
  progress: Progress,
  context: ComponentContext,
): Promise<number> {
  const { loads, cwd } = component;
  const stem = join(context.directory.path, `${context.id}-${round}`);
  const journal = `${stem}.ndjson`;
  writeFileSync(journal, '');
  writeFileSync(`${stem}.json`, JSON.stringify({ loads, from, journal } satisfies EntriesJob));
  const step = await runStep(
    {
      name: round === 0 ? 'load' : `load-${round + 1}`,
      command: {
        type: 'argv',
        argv: [nodeOf(context.env), harnessFile('harness-entries.js'), `${stem}.json`],
      },
      cwd,
      env: context.env,
      expect: { exitCodes: [0], output: [], forbid: [], allow: [] },
    },
    context,
  );
  const open = take(readEvents(journal), component, progress);
  const load = open === undefined ? undefined : loads[open];
  if (open === undefined || load === undefined) {
    progress.findings.push(...step.filter(({ code }) => code !== 'forbidden-output'));
    return loads.length;
  }
  const others = step.filter(({ code }) => code !== 'exit-code' && code !== 'forbidden-output');
  const exit = step.find((finding) => finding.code === 'exit-code');
  progress.findings.push(...others);
  if (exit !== undefined && (exit.signal !== null || isMainOf(component, load)))
    addFailure(progress, load, `ends the process: it ${describe(exit)}`, exit.evidence ?? []);
  else if (others.length === 0) progress.excuses.add(`${load.specifier}: it ends the process that loads it`);
  return open + 1;
}

const describe = ({ exitCode, signal }: Finding & { readonly code: 'exit-code' }): string =>
  describeExit({ code: exitCode, signal: signal as NodeJS.Signals | null });

const isMainOf = (component: EntriesComponent, load: EntryLoad): boolean =>
  load.specifier === component.package.name;

/** What does not count against the package is still reported. */
function remarks(component: EntriesComponent, progress: Progress, findings: readonly Finding[]): Finding[] {
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
  if (progress.loaded > 0 || findings.length > 0) return [note];
  if (excuses.length > 0 && excuses.every((excuse) => progress.elsewhere.has(excuse)))
    return [note, notForHere(component.package.name, 'each of its entry points is for another runtime')];
  return [note, { code: 'zero-work', message: 'no entry point could be loaded here', evidence }];
}

const readEvents = (path: string): LoadEvent[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LoadEvent]));

/** @returns the index of the load that was begun and never finished, if there is one */
function take(
  events: readonly LoadEvent[],
  component: EntriesComponent,
  progress: Progress,
): number | undefined {
  let open: number | undefined;
  for (const event of events) {
    open = event.type === 'begun' ? event.index : undefined;
    progress.reached = event.index + 1;
    const load = component.loads[event.index];
    if (load === undefined || event.type === 'begun') continue;
    if (event.type === 'loaded') progress.loaded += 1;
    else {
      const judgement = judgeError(load, event.error, component.package, isMainOf(component, load));
      if ('because' in judgement)
        addFailure(progress, load, `fails: ${judgement.because}`, event.error.stack);
      else {
        const excuse = `${load.specifier}: ${judgement.excuse}`;
        progress.excuses.add(excuse);
        if (judgement.isElsewhere === true) progress.elsewhere.add(excuse);
      }
    }
  }
  return open;
}
