/** Finds out what a package really exports, and what its declarations say. */
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TypedPackage } from '../../consumer/typed-package.ts';
import type { Form, LoadJob } from '../../core/entry.ts';
import type { Finding } from '../../core/finding.ts';
import { EXPECT_ANYTHING, EXPECT_SUCCESS } from '../../core/suite.ts';
import { plural } from '../../core/units.ts';
import { cacheFolder } from '../../store/consumer-cache.ts';
import { Remembered } from '../../store/remembered.ts';
import type { ComponentContext } from '../common/context.ts';
import { runLoadRounds } from '../common/load-rounds.ts';
import { harnessFile, nodeOf } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import type { Compiler } from './compilers.ts';
import { asInstalled } from './known-output.ts';
import type {
  ComparedEntry,
  DeclaredJob,
  DeclaredResult,
  RealEvent,
  RealExports,
  RealJob,
} from './protocol.ts';

export interface Found {
  readonly entries: readonly ComparedEntry[];
  /** What went wrong on the way. */
  readonly findings: readonly Finding[];
}

/**
 * @param api TypeScript 5.9, whose API is asked for declarations
 * @param isChanged whether the package is not as it was installed
 */
export async function findExports(
  typed: TypedPackage,
  api: Compiler,
  isChanged: boolean,
  context: ComponentContext,
): Promise<Found> {
  const declarations = isChanged ? findDeclared(typed, api, context) : recallDeclared(typed, api, context);
  const [real, declared] = await Promise.all([findReal(typed, context), declarations]);
  const entries = typed.entries.flatMap(({ specifier, isMain }, index): ComparedEntry[] => {
    const known = declared.result[index];
    if (known === undefined) return [];
    const of = (form: Form): RealExports | null => real.exports.get(`${form} ${specifier}`) ?? null;
    return [{ specifier, isMain, real: { import: of('import'), require: of('require') }, declared: known }];
  });
  return { entries, findings: [...real.findings, ...declared.findings] };
}

/**
 * @param name of its step, unique in the attempt
 * @returns by form and specifier, `import lodash/fp`, what could be loaded
 */
export async function findReal(
  typed: TypedPackage,
  context: ComponentContext,
  name = 'exports',
): Promise<{ exports: ReadonlyMap<string, RealExports>; findings: Finding[] }> {
  const loads = typed.entries.flatMap((entry) => entry.loads);
  const exports = new Map<string, RealExports>();
  const findings: Finding[] = [];
  const rounds = {
    name,
    harness: 'harness-types-real.js',
    loads,
    cwd: typed.consumer,
    // Whether a package loads is judged elsewhere.
    expect: EXPECT_ANYTHING,
    more: { folder: realpathSync(typed.loaded.folder) } satisfies Omit<RealJob, keyof LoadJob>,
  };
  const unreached = await runLoadRounds<RealEvent>(rounds, context, (events, step, ended) => {
    for (const event of events) {
      const load = loads[event.index];
      if (event.type === 'loaded' && load !== undefined)
        exports.set(`${load.form} ${load.specifier}`, event.real);
    }
    if (ended === undefined) findings.push(...step);
  });
  findings.push(...leftOut(typed), ...unreached);
  return { exports, findings };
}

/** Reports that only some of very many entry points are compared. */
function leftOut({ entries, total }: TypedPackage): Finding[] {
  const count = total - entries.length;
  if (count === 0) return [];
  const message = `of ${plural(total, 'entry point', 'entry points')} ${count.toLocaleString('en-US')} were left out: ${entries.length} are compared, spread over all`;
  return [{ code: 'entries-left-out', message, count }];
}

interface DeclaredExports {
  readonly result: DeclaredResult;
  readonly findings: readonly Finding[];
}

/** What is declared depends on the files alone, which stay as they were installed. */
function recallDeclared(
  typed: TypedPackage,
  api: Compiler,
  context: ComponentContext,
): Promise<DeclaredExports> {
  const specifiers = typed.entries.map(({ specifier }) => specifier);
  // Files are named by their paths.
  const key = ['declared', api.version, typed.consumer, specifiers, ...asInstalled(typed.consumer, context)];
  return new Remembered(cacheFolder('checked', context.env)).recall(
    key,
    () => findDeclared(typed, api, context),
    ({ findings }) => findings.length === 0 && !context.signal.aborted,
  );
}

async function findDeclared(
  typed: TypedPackage,
  api: Compiler,
  context: ComponentContext,
): Promise<DeclaredExports> {
  const stem = join(context.directory.path, `${context.id}-declared`);
  const folder = scratch(typed, context, 'declared');
  const job: DeclaredJob = {
    typescript: api.folder,
    specifiers: typed.entries.map(({ specifier }) => specifier),
    result: `${stem}.result.json`,
    folder,
  };
  writeFileSync(`${stem}.json`, JSON.stringify(job));
  const argv = [nodeOf(context.env), harnessFile('harness-types-declared.js'), `${stem}.json`] as const;
  const findings = await runStep(
    {
      name: 'declarations',
      command: { type: 'argv', argv },
      cwd: typed.consumer,
      env: context.env,
      expect: EXPECT_SUCCESS,
    },
    context,
  );
  rmSync(folder, { recursive: true, force: true });
  if (findings.length > 0 || context.signal.aborted) return { result: [], findings };
  return { result: JSON.parse(readFileSync(job.result, 'utf8')) as DeclaredResult, findings };
}

/** A folder in the consumer for this attempt: files in it resolve the package like any file of the consumer. */
export function scratch(typed: TypedPackage, context: ComponentContext, name: string): string {
  const folder = join(typed.consumer, 'scratch', `${context.directory.run}-${context.id}-${name}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}
