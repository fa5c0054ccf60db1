/** The kinds of components, in the order of the reference. Each loads its options and its runner only when needed. */
import type { InstalledPackage } from '../consumer/installed-package.ts';
import type { InstalledDistribution } from '../consumer/python/distribution.ts';
import { type Chapter, joinChapters } from '../core/explanation.ts';
import {
  CORE_FINDINGS,
  type Consequence,
  type Declarations,
  type Finding,
  type FindingCode,
  joinDeclarations,
} from '../core/finding.ts';
import type { Absent, Component } from '../core/suite.ts';
import { type Verdict, worstOf } from '../core/verdict.ts';
import { api } from './api/kind.ts';
import { bin } from './bin/kind.ts';
import { command } from './command/kind.ts';
import { COMMON_FINDINGS } from './common/findings.ts';
import { entries } from './entries/kind.ts';
import { examples } from './examples/kind.ts';
import { extras } from './extras/kind.ts';
import { hints } from './hints/kind.ts';
import { http } from './http/kind.ts';
import { init } from './init/kind.ts';
import type { BuildByConvention, Kind, Words } from './kind.ts';
import { listed } from './package/kind.ts';
import { sdist } from './sdist/kind.ts';
import { threads } from './threads/kind.ts';
import type { TriedModules } from './tried-modules.ts';
import { types } from './types/kind.ts';
import { wheel } from './wheel/kind.ts';

const KINDS = [
  command,
  http,
  threads,
  types,
  init,
  listed,
  entries,
  bin,
  api,
  wheel,
  extras,
  sdist,
  hints,
  examples,
] as const;

export { inForeground } from './http/foreground.ts';
export { isMeasured, type StartBudget, withBudget } from './init/budget.ts';
export type { BuildByConvention, EndedStep, Words } from './kind.ts';

/** @throws Error for an unknown kind, which validation should have caught */
export function kindOf(kind: string): Kind {
  const found = KINDS.find(({ name }) => name === kind);
  if (found === undefined) throw new Error(`there is no kind ${kind}`);
  return found;
}

type KeysOf<Table> = Table extends unknown ? keyof Table : never;
type DeclaredCode = KeysOf<
  typeof CORE_FINDINGS | typeof COMMON_FINDINGS | (typeof KINDS)[number]['findings']
>;

/** All findings. A code that is in none of these tables is a compile error. */
export const FINDINGS: Declarations<FindingCode> = joinDeclarations<DeclaredCode>([
  CORE_FINDINGS,
  COMMON_FINDINGS,
  ...KINDS.map(({ findings }) => findings),
]);

export const consequenceOf = ({ code, consequence }: Pick<Finding, 'code' | 'consequence'>): Consequence =>
  consequence ?? FINDINGS[code].consequence;

/** What each finding means, in the order of the page: those of any component, of each kind, of the run itself. */
export async function loadExplanations(): Promise<readonly Chapter[]> {
  const { COMMAND_CHAPTER, PROOF_CHAPTER, RUN_CHAPTER, SERVICE_CHAPTER } = await import(
    '../core/explanations.ts'
  );
  const { COMMON_PACKAGES, COMMON_THREADS } = await import('./common/explanations.ts');
  const kinds: readonly Kind[] = KINDS;
  const own = await Promise.all(kinds.map(async ({ explanations }) => (await explanations?.()) ?? []));
  return joinChapters([
    COMMAND_CHAPTER,
    SERVICE_CHAPTER,
    ...own.flat(),
    COMMON_THREADS,
    COMMON_PACKAGES,
    PROOF_CHAPTER,
    RUN_CHAPTER,
  ]);
}

/** The verdict of one attempt: the worst consequence of its findings. */
export const verdictOf = (findings: readonly Finding[]): Exclude<Verdict, 'skipped'> =>
  worstOf(findings.map(consequenceOf));

/**
 * @param findings of one attempt of the component
 * @returns for the trial of a package: each with whom it hurts, the worst first; else the same
 */
export async function weighed(
  findings: readonly Finding[],
  component: Component,
): Promise<readonly Finding[]> {
  const { ofPackage } = component;
  if (ofPackage === undefined || findings.length === 0) return findings;
  const { weigh } = await import('./harm.ts');
  const harmOf = await kindOf(component.kind).harm?.();
  const failing = (finding: Finding): boolean => consequenceOf(finding) === 'failed';
  return weigh(findings, component, { harmOf, failing });
}

/** The kinds that a config can have. */
export const CONFIG_KINDS: readonly string[] = KINDS.filter(({ words }) => words !== null).map(
  ({ name }) => name,
);

/** The programs that components run in processes of their own: name in the build, and source file. */
export const PROGRAMS: ReadonlyMap<string, string> = new Map(
  KINDS.flatMap(({ name, programs = [] }) =>
    programs.map((file) => [
      `harness-${file === 'main' ? name : `${name}-${file}`}`,
      `src/kinds/${name}/harness/${file}.ts`,
    ]),
  ),
);

/** By kind, how a script in a folder becomes a component. */
export async function loadConventions(): Promise<ReadonlyMap<string, BuildByConvention>> {
  const all = KINDS.map(async ({ name, byConvention }) =>
    byConvention === undefined ? [] : [[name, await byConvention()] as const],
  );
  return new Map((await Promise.all(all)).flat());
}

/** The kinds that try a package, in order: if it cannot even be loaded, the rest hardly matters. */
const OF_PACKAGES: readonly Kind[] = [
  entries,
  types,
  hints,
  init,
  threads,
  examples,
  bin,
  api,
  wheel,
  extras,
  sdist,
];

/** Components for everything in an installed package that can be tried. */
export async function componentsOf(installed: InstalledPackage): Promise<Component[]> {
  const all = OF_PACKAGES.map(async ({ fromPackage }) => (await fromPackage?.())?.(installed) ?? []);
  return (await Promise.all(all)).flat();
}

/** The same for a Python package, and what there is nothing of it for. */
export async function componentsOfDistribution(
  installed: InstalledDistribution,
): Promise<(Component | Absent)[]> {
  const all = OF_PACKAGES.map(
    async ({ fromDistribution }) => (await fromDistribution?.())?.(installed) ?? [],
  );
  return (await Promise.all(all)).flat();
}

/** By kind, how a config describes a component. */
export async function loadWords(): Promise<ReadonlyMap<string, Words>> {
  const all = KINDS.map(async ({ name, words }) => (words === null ? [] : [[name, await words()] as const]));
  return new Map((await Promise.all(all)).flat());
}

/** What a component tries, as far as that is known before it runs. */
export const triedModules = async (component: Component, root: string): Promise<TriedModules> =>
  (await import('./tried-modules.ts')).triedModules(component, root);
