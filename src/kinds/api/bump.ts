/** What a step from one version to the next may change, by Semantic Versioning as npm reads it. */
import { parse, type SemVer } from 'semver';

/** Something that worked and no longer does; or something new. */
export type Change = 'breaking' | 'added';

/** The part that `^` holds fast: before 1.0 the minor version, before 0.1 the patch. */
function isBreakingStep(from: SemVer, to: SemVer): boolean {
  if (from.major !== to.major) return true;
  if (from.major > 0) return false;
  return from.minor !== to.minor || (from.minor === 0 && from.patch !== to.patch);
}

/**
 * @param from the last release
 * @param to what is to be released; the same version means that it has been released with other content
 */
export function allows(from: string, to: string, change: Change): boolean {
  const [a, b] = [parse(from), parse(to)];
  if (a === null || b === null) return true;
  if (isBreakingStep(a, b)) return true;
  if (change === 'breaking') return false;
  return a.major > 0 ? a.minor !== b.minor : a.patch !== b.patch;
}

/** @returns the lowest version that such a change may have */
export function rightVersion(from: string, change: Change): string {
  const { major, minor, patch } = parse(from) ?? { major: 0, minor: 0, patch: 0 };
  if (major > 0) return change === 'breaking' ? `${major + 1}.0.0` : `${major}.${minor + 1}.0`;
  return change === 'breaking' && minor > 0 ? `0.${minor + 1}.0` : `0.${minor}.${patch + 1}`;
}
