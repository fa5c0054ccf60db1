/** Independent witnesses: what are-the-types-wrong and publint say of a package, which neither load nor run it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Analysis,
  type CheckResult,
  checkPackage,
  createPackageFromTarballData,
  type Problem,
  type ResolutionKind,
} from '@arethetypeswrong/core';
import { publint } from 'publint';

/** What one of them objects to, and where. */
export interface Objection {
  readonly oracle: 'attw' | 'publint';
  /** As the oracle calls it: `FalseCJS`, `FILE_DOES_NOT_EXIST`. */
  readonly code: string;
  /** Entry points with their resolution, or keys of package.json. */
  readonly where: readonly string[];
}

/** `node10` is what nobody tries here: Node resolves packages by `exports`. */
const RESOLUTIONS: readonly ResolutionKind[] = ['node16-esm', 'node16-cjs', 'bundler'];

const isAnalysis = (result: CheckResult): result is Analysis => result.types !== false;

function placesOf(problem: Problem, { entrypoints, problems }: Analysis): string[] {
  const index = problems.indexOf(problem);
  return Object.values(entrypoints).flatMap(({ subpath, resolutions }) =>
    RESOLUTIONS.filter((kind) => resolutions[kind].visibleProblems?.includes(index)).map(
      (kind) => `${subpath} (${kind})`,
    ),
  );
}

function together(objections: readonly Objection[]): Objection[] {
  const byCode = new Map<string, Objection>();
  for (const each of objections) {
    const key = `${each.oracle} ${each.code}`;
    const where = [...new Set([...(byCode.get(key)?.where ?? []), ...each.where])];
    byCode.set(key, { ...each, where });
  }
  return [...byCode.values()];
}

async function askAttw(tarball: Buffer, described: Buffer | undefined): Promise<Objection[]> {
  const own = createPackageFromTarballData(tarball);
  const whole = described === undefined ? own : createPackageFromTarballData(described).mergedWithTypes(own);
  const result = await checkPackage(whole);
  if (!isAnalysis(result)) return [{ oracle: 'attw', code: 'Untyped', where: ['the package'] }];
  return result.problems
    .map((problem): Objection => {
      const where = placesOf(problem, result);
      return { oracle: 'attw', code: problem.kind, where };
    })
    .filter(({ where }) => where.length > 0);
}

async function askPublint(tarball: Buffer): Promise<Objection[]> {
  const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) as ArrayBuffer;
  const { messages } = await publint({ pack: { tarball: data }, level: 'warning' });
  return messages.map(({ code, path }) => ({ oracle: 'publint', code, where: [path.join('.')] }));
}

/** Fetched by npm, as by anybody. */
function fetch(spec: string, env: NodeJS.ProcessEnv): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    execFileSync('npm', ['pack', spec, '--silent', '--pack-destination', folder], { env, stdio: 'ignore' });
    const [file = ''] = readdirSync(folder);
    return readFileSync(join(folder, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param describes for a package of declarations (`@types/…`), the package that they describe
 * @returns one for each sort of objection
 */
export async function askOracles(
  { spec, describes }: { readonly spec: string; readonly describes?: string },
  env: NodeJS.ProcessEnv,
): Promise<Objection[]> {
  const tarball = fetch(spec, env);
  const described = describes === undefined ? undefined : fetch(describes, env);
  return together([...(await askAttw(tarball, described)), ...(await askPublint(tarball))]);
}
