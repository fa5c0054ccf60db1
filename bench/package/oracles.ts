/** Independent witnesses: what are-the-types-wrong and publint say of a package, which neither load nor run it. */
import {
  type Analysis,
  type CheckResult,
  checkPackage,
  createPackageFromTarballData,
  type Problem,
  type ResolutionKind,
} from '@arethetypeswrong/core';
import { publint } from 'publint';
import type { Objection, OracleName } from './testimony.ts';

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

/** @param described for a package of declarations (`@types/…`), the package that they describe */
export const ORACLES: Readonly<
  Record<OracleName, (tarball: Buffer, described: Buffer | undefined) => Promise<Objection[]>>
> = { attw: askAttw, publint: askPublint };
