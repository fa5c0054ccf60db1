/** Compares an installed package with its last release, which is installed beside it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsumerFailure } from '../../consumer/failure.ts';
import { installedAs, installPackage } from '../../consumer/install.ts';
import { type PackageContents, readInstalled } from '../../consumer/installed-package.ts';
import { lastRelease } from '../../consumer/last-release.ts';
import { typedPackage } from '../../consumer/typed-package.ts';
import type { Finding } from '../../core/finding.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { cacheFolder } from '../../store/consumer-cache.ts';
import { Remembered } from '../../store/remembered.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { harnessFile, nodeOf } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import { obtainCompiler } from '../types/compilers.ts';
import { findReal, scratch } from '../types/exports.ts';
import { API_VERSION } from '../types/survey.ts';
import { comparedSpecifiers } from './compared.ts';
import type { ApiComponent } from './component.ts';
import { withoutFalsePromises } from './false-promises.ts';
import { otherMajors } from './promises.ts';
import type { ApiJob, DeclaredChange } from './protocol.ts';
import { realDifference, type Seen } from './removed.ts';
import { changesFound, changesOf, type Row, rowsOf, sinceRelease, type Versions } from './report.ts';
import { compareStarts } from './start.ts';
import { weightOf } from './weight.ts';

/** Bumped when what is remembered of a release, or how it is found out, changes. */
const FORMAT = 4;

export async function runApi(component: ApiComponent, context: ComponentContext): Promise<Finding[]> {
  const { name, version, consumer } = component.package;
  const remembered = new Remembered(cacheFolder('releases', context.env));
  const release = await lastRelease(component.package, remembered, context);
  if (context.signal.aborted) return [];
  if (!release.ok) return [notCompared(release.error)];
  if (release.value === undefined)
    return [
      { code: 'not-compared', message: `nothing to compare ${name} with: no release up to ${version}` },
    ];
  const { version: before, isAsKnown } = release.value;
  const old = await installPackage({ type: 'registry', name, range: before }, context);
  if (context.signal.aborted) return [];
  if (!old.ok) return [notCompared(old.error)];
  const versions = { name, before, after: version, isAsKnown };
  return compare(old.value, readInstalled(consumer, name), versions, remembered, context);
}

const notCompared = ({ message, hint }: ConsumerFailure): Finding => ({
  code: 'not-compared',
  message: `not compared with the last release: ${message}`,
  ...(hint === undefined ? {} : { hint }),
});

async function compare(
  before: PackageContents,
  after: PackageContents,
  versions: Versions,
  remembered: Remembered,
  context: ComponentContext,
): Promise<Finding[]> {
  const old = await recall(before, remembered, context);
  const now = await look(after, 'exports-after', context);
  const declarations = await declaredDifference(before, after, remembered, context);
  const start = await compareStarts(before, after, context);
  if (context.signal.aborted) return [];
  const majors = otherMajors(before.manifest, after.manifest);
  const rows = rowsOf(weightOf(before), weightOf(after), majors, start);
  const changes = changesOf(realDifference(old, now), withoutFalsePromises(declarations.changes, old.real));
  tellTable(rows, versions, context);
  return [
    ...changesFound(changes, versions),
    ...declarations.findings,
    sinceRelease(rows, changes, versions),
  ];
}

const asTyped = (contents: PackageContents) =>
  typedPackage({ ...contents, scriptWarnings: [], needsNode: null, isReused: true });

interface Looked extends Seen {
  readonly isWhole: boolean;
}

async function look(contents: PackageContents, name: string, context: ComponentContext): Promise<Looked> {
  const { exports, findings } = await findReal(asTyped(contents), context, name);
  return { contents, real: exports, isWhole: findings.length === 0 && !context.signal.aborted };
}

/** A release exports what it did the last time. */
async function recall(
  contents: PackageContents,
  remembered: Remembered,
  context: ComponentContext,
): Promise<Seen> {
  const key = ['exports', FORMAT, context.version, ...installedAs(contents.consumer)];
  const find = async () => {
    const { real, isWhole } = await look(contents, 'exports-before', context);
    return { real: [...real], isWhole };
  };
  const { real } = await remembered.recall(key, find, ({ isWhole }) => isWhole);
  return { contents, real: new Map(real) };
}

const isDeclared = ({ entryPoints }: PackageContents): boolean =>
  entryPoints.some(({ importTypes, requireTypes }) => importTypes?.exists || requireTypes?.exists);

interface DeclaredDifference {
  readonly changes: readonly DeclaredChange[];
  readonly findings: readonly Finding[];
}

/** It depends on nothing but both installations. */
async function declaredDifference(
  before: PackageContents,
  after: PackageContents,
  remembered: Remembered,
  context: ComponentContext,
): Promise<DeclaredDifference> {
  const both = [...installedAs(before.consumer), ...installedAs(after.consumer)];
  const key = ['declarations', FORMAT, context.version, API_VERSION, ...both];
  return remembered.recall(
    key,
    () => compareDeclarations(before, after, context),
    ({ findings }) => findings.length === 0 && !context.signal.aborted,
  );
}

/** Nothing where one of both has no declarations: those of somebody else have other versions. */
async function compareDeclarations(
  before: PackageContents,
  after: PackageContents,
  context: ComponentContext,
): Promise<DeclaredDifference> {
  if (!isDeclared(before) || !isDeclared(after) || context.signal.aborted)
    return { changes: [], findings: [] };
  const compiler = await obtainCompiler(API_VERSION, context);
  if (!compiler.ok)
    return { changes: [], findings: [notCompared({ blame: 'machine', message: compiler.error.message })] };
  const [old, now] = [asTyped(before), asTyped(after)];
  const stem = join(context.directory.path, `${context.id}-declared`);
  const job: ApiJob = {
    typescript: compiler.value.folder,
    name: now.name,
    typeRoot: compiler.value.typeRoot,
    specifiers: comparedSpecifiers(old, now, before.entryPoints),
    before: scratch(old, context, 'api'),
    after: scratch(now, context, 'api'),
    result: `${stem}.result.json`,
  };
  writeFileSync(`${stem}.json`, JSON.stringify(job));
  const argv = [nodeOf(context.env), harnessFile('harness-api.js'), `${stem}.json`] as const;
  const command = { type: 'argv', argv } as const;
  const step = { name: 'declarations', command, cwd: now.consumer, env: context.env, expect: EXPECT_SUCCESS };
  const findings = await runStep(step, context);
  for (const folder of [job.before, job.after]) rmSync(folder, { recursive: true, force: true });
  if (findings.length > 0 || context.signal.aborted) return { changes: [], findings };
  return { changes: JSON.parse(readFileSync(job.result, 'utf8')) as DeclaredChange[], findings: [] };
}

function tellTable(rows: readonly Row[], { name, before, after }: Versions, context: ComponentContext): void {
  const columns = [before, `this (${after})`];
  const grid = {
    title: `${name} and its last release`,
    ...{ rowsAre: 'what', columnsAre: 'version', rows: rows.map(([what]) => what), columns },
    cells: rows.flatMap(([row, ...texts]) =>
      texts.map((text, index) => ({
        ...{ row, column: columns[index] ?? '', text, detail: [] },
        outcome: 'passed' as const,
      })),
    ),
  };
  tellGrid(grid, context);
}
