/** Finds the declarations that samples use, and records what was found and changed. */
import { copyFileSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TypedPackage } from '../../consumer/typed-package.ts';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import type { ComponentContext } from '../common/context.ts';
import { harnessFile, missingPython, nodeOf, pythonOf } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import { type Compiler, obtainCompiler } from './compilers.ts';
import type { PackageTypesComponent, SampleTypesComponent } from './component.ts';
import { scratch } from './exports.ts';
import { installedTypescript } from './installed-tsc.ts';
import type {
  DeclarationSurvey,
  PythonSurveyJob,
  SurveyedFile,
  SurveyJob,
  TypescriptSurveyJob,
} from './protocol.ts';
import { configFor } from './tsc.ts';

/** TypeScript 7 has no stable API. Pinned, as the programs use a few internals. */
export const API_VERSION = '5.9.3';

export type Surveyed = Result<DeclarationSurvey, readonly Finding[]>;

/** @param folder absolute path of a control's records */
export const surveyFile = (folder: string): string => join(folder, 'survey.json');

/** @returns what a control found out; undefined if nothing */
export function readSurvey(folder: string): DeclarationSurvey | undefined {
  const file = surveyFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DeclarationSurvey) : undefined;
}

type Program = readonly [program: string, harness: string];

async function survey(
  [program, harness]: Program,
  job: SurveyJob,
  cwd: string,
  context: ComponentContext,
): Promise<Surveyed> {
  const file = `${job.result}.job`;
  writeFileSync(file, JSON.stringify(job));
  const command = { type: 'argv', argv: [program, harness, file] } as const;
  const step = { name: 'uses', title: 'the search for what the sample uses', command, cwd, env: context.env };
  const findings = await runStep({ ...step, expect: EXPECT_SUCCESS }, context);
  if (findings.length > 0 || !existsSync(job.result)) return err(findings);
  return ok(JSON.parse(readFileSync(job.result, 'utf8')) as DeclarationSurvey);
}

const filesOf = (sample: string | null, negative: readonly string[]): SurveyedFile[] => [
  ...(sample === null ? [] : [{ path: realpathSync(sample), isNegative: false }]),
  ...negative.map((path) => ({ path: realpathSync(path), isNegative: true })),
];

/** The project's own TypeScript if it has the API for declarations, otherwise one that has. */
async function apiFor(context: ComponentContext): Promise<Result<Pick<Compiler, 'folder'>, Finding>> {
  const own = installedTypescript(context.env.PATH);
  return own?.major === 5 || own?.major === 6 ? ok(own) : obtainCompiler(API_VERSION, context);
}

export async function surveyTypescript(
  component: SampleTypesComponent,
  folder: string,
  context: ComponentContext,
): Promise<Surveyed> {
  const api = await apiFor(context);
  if (!api.ok) return err([api.error]);
  const config = await configFor(realpathSync(component.sample), `${context.component}.uses`, null, context);
  const job: TypescriptSurveyJob = {
    typescript: api.value.folder,
    config: config ?? null,
    files: filesOf(component.sample, component.negative),
    modules: component.prove.modules,
    result: surveyFile(folder),
  };
  return survey([nodeOf(context.env), harnessFile('harness-types-faults.js')], job, component.cwd, context);
}

/** Surveys the samples of a package in its consumer, in each format. */
export async function surveyPackage(
  component: PackageTypesComponent,
  typed: TypedPackage,
  api: Compiler,
  result: string,
  context: ComponentContext,
): Promise<Surveyed> {
  const folder = realpathSync(scratch(typed, context, 'uses'));
  const forms = /\.([mc])ts$/.exec(component.sample ?? '')?.[1] ?? 'mc';
  const put = (file: string, name: string, isNegative: boolean): SurveyedFile[] =>
    [...forms].map((form) => {
      const path = join(folder, `${name}.${form}ts`);
      copyFileSync(file, path);
      return { path, isNegative };
    });
  const own = join(typed.consumer, 'node_modules', '@types');
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    ...{
      module: 'node16',
      moduleResolution: 'node16',
      target: 'es2022',
      strict: true,
      esModuleInterop: true,
    },
    ...{ resolveJsonModule: true, types: ['node'], noEmit: true },
    typeRoots: [existsSync(join(own, 'node')) ? own : api.typeRoot],
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [] }));
  const job: TypescriptSurveyJob = {
    typescript: api.folder,
    config,
    files: [
      ...(component.sample === null ? [] : put(component.sample, 'sample', false)),
      ...component.negative.flatMap((file, index) => put(file, `negative-${index}`, true)),
    ],
    modules: [typed.loaded.name],
    result,
  };
  const found = await survey(
    [nodeOf(context.env), harnessFile('harness-types-faults.js')],
    job,
    folder,
    context,
  );
  rmSync(folder, { recursive: true, force: true });
  return found;
}

export async function surveyPython(
  component: SampleTypesComponent,
  { folder, root }: { readonly folder: string; readonly root: string },
  context: ComponentContext,
): Promise<Surveyed> {
  const python = pythonOf(context.env);
  if (python === undefined) return err([missingPython('find out what the sample uses')]);
  const { MYPYPATH = '' } = context.env;
  const { modules } = component.prove;
  const job: PythonSurveyJob = {
    files: filesOf(component.sample, component.negative),
    modules: modules.length === 0 && component.module !== null ? [component.module] : modules,
    root,
    paths: [
      ...MYPYPATH.split(/[:,]/).filter((path) => path !== ''),
      component.cwd,
      dirname(component.sample),
    ],
    result: surveyFile(folder),
  };
  return survey([python, harnessFile('harness/declarations.py')], job, component.cwd, context);
}
