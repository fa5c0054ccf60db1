/** Finds out, in one process each, what a package really exports and what its declarations say. */
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TypedPackage } from '../../consumer/typed-package.ts';
import type { EntryLoad } from '../../core/entry.ts';
import type { Finding } from '../../core/finding.ts';
import type { Expectation } from '../../core/suite.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { harnessFile, nodeOf } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import { MOST_RESTARTS, untried } from '../common/untried.ts';
import type { Compiler } from './compilers.ts';
import type {
  ComparedEntry,
  DeclaredJob,
  DeclaredResult,
  RealEvent,
  RealExports,
  RealJob,
} from './protocol.ts';

const ANY_LINE = { type: 'regex', source: '', flags: '' } as const;
/** Whether a package loads well is not judged here: it may print anything and end in any way. */
const INDIFFERENT: Expectation = {
  exitCodes: Array.from({ length: 256 }, (_, code) => code),
  output: [],
  forbid: [],
  allow: [ANY_LINE],
};
const STRICT: Expectation = { exitCodes: [0], output: [], forbid: [], allow: [] };

export interface Found {
  readonly entries: readonly ComparedEntry[];
  /** What went wrong while finding out. */
  readonly findings: readonly Finding[];
}

/** @param api TypeScript 5.9, whose API is asked for declarations */
export async function findExports(
  typed: TypedPackage,
  api: Compiler,
  context: ComponentContext,
): Promise<Found> {
  const [real, declared] = await Promise.all([findReal(typed, context), findDeclared(typed, api, context)]);
  const entries = typed.entries.flatMap(({ specifier, isMain }, index): ComparedEntry[] => {
    const known = declared.result[index];
    if (known === undefined) return [];
    const of = (form: EntryLoad['form']): RealExports | null =>
      real.exports.get(`${form} ${specifier}`) ?? null;
    return [{ specifier, isMain, real: { import: of('import'), require: of('require') }, declared: known }];
  });
  return { entries, findings: [...real.findings, ...declared.findings] };
}

async function findReal(
  typed: TypedPackage,
  context: ComponentContext,
): Promise<{ exports: ReadonlyMap<string, RealExports>; findings: Finding[] }> {
  const loads = typed.entries.flatMap((entry) => entry.loads);
  const exports = new Map<string, RealExports>();
  const findings: Finding[] = [];
  let from = 0;
  let reached = 0;
  let round = 0;
  for (; round <= MOST_RESTARTS && from < loads.length; round++) {
    if (context.signal.aborted) break;
    const stem = join(context.directory.path, `${context.id}-real-${round}`);
    const journal = `${stem}.ndjson`;
    const job: RealJob = { loads, from, journal, folder: realpathSync(typed.folder) };
    writeFileSync(journal, '');
    writeFileSync(`${stem}.json`, JSON.stringify(job));
    const step = await runStep(
      {
        name: round === 0 ? 'exports' : `exports-${round + 1}`,
        command: {
          type: 'argv',
          argv: [nodeOf(context.env), harnessFile('harness-types-real.js'), `${stem}.json`],
        },
        cwd: typed.consumer,
        env: context.env,
        expect: INDIFFERENT,
      },
      context,
    );
    const events = readEvents(journal);
    const open = takeExports(events, loads, exports);
    reached = (events.at(-1)?.index ?? reached - 1) + 1;
    if (open === undefined) findings.push(...step);
    from = open === undefined ? loads.length : open + 1;
  }
  findings.push(...leftOut(typed), ...untried(loads, reached, round - 1));
  return { exports, findings };
}

/** If there are very many entry points, only some are compared, and that is reported. */
function leftOut({ entries, total }: TypedPackage): Finding[] {
  const count = total - entries.length;
  if (count === 0) return [];
  const message = `of ${plural(total, 'entry point', 'entry points')} ${count.toLocaleString('en-US')} were left out: ${entries.length} are compared, spread over all`;
  return [{ code: 'entries-left-out', message, count }];
}

const readEvents = (path: string): RealEvent[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as RealEvent]));

/** @returns the index of the load that was begun and never finished, if there is one */
function takeExports(
  events: readonly RealEvent[],
  loads: readonly EntryLoad[],
  exports: Map<string, RealExports>,
): number | undefined {
  let open: number | undefined;
  for (const event of events) {
    open = event.type === 'begun' ? event.index : undefined;
    const load = loads[event.index];
    if (event.type === 'loaded' && load !== undefined)
      exports.set(`${load.form} ${load.specifier}`, event.real);
  }
  return open;
}

async function findDeclared(
  typed: TypedPackage,
  api: Compiler,
  context: ComponentContext,
): Promise<{ result: DeclaredResult; findings: Finding[] }> {
  const stem = join(context.directory.path, `${context.id}-declared`);
  const folder = scratch(typed, context, 'declared');
  const job: DeclaredJob = {
    typescript: api.folder,
    specifiers: typed.entries.map(({ specifier }) => specifier),
    result: `${stem}.result.json`,
    folder,
  };
  writeFileSync(`${stem}.json`, JSON.stringify(job));
  const findings = await runStep(
    {
      name: 'declarations',
      command: {
        type: 'argv',
        argv: [nodeOf(context.env), harnessFile('harness-types-declared.js'), `${stem}.json`],
      },
      cwd: typed.consumer,
      env: context.env,
      expect: STRICT,
    },
    context,
  );
  rmSync(folder, { recursive: true, force: true });
  if (findings.length > 0 || context.signal.aborted) return { result: [], findings };
  return { result: JSON.parse(readFileSync(job.result, 'utf8')) as DeclaredResult, findings };
}

/** A folder in the consumer for this attempt; files in it find the package as any file of the consumer does. */
export function scratch(typed: TypedPackage, context: ComponentContext, name: string): string {
  const folder = join(typed.consumer, 'scratch', `${context.directory.run}-${context.id}-${name}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}
