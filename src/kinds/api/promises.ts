/** What package.json promised and no longer does: versions of Node and of peers. Pure. */
import { intersects, minVersion, validRange } from 'semver';
import type { Manifest } from '../../consumer/installed-package.ts';

/** Majors that are looked at beyond those that the ranges name, as a range may have no end: one is the next LTS of Node. */
const BEYOND = 2;
/** Numbers from here on are no majors, but dates. */
const MOST = 1000;

const majorsNamed = (range: string): number[] => (range.match(/\d+/g) ?? []).map(Number);

/** A range that holds for everything has promised nothing: nobody has tried version 0.0.1. */
const hasBounds = (range: string): boolean =>
  validRange(range) !== null && minVersion(range)?.version !== '0.0.0';

/** Major versions that a range allowed and another excludes altogether: that it wants a newer minor breaks few. */
function lostMajors(before: string, after: string): number[] {
  if (!hasBounds(before) || validRange(after) === null) return [];
  const named = [...majorsNamed(before), ...majorsNamed(after)].filter((each) => each < MOST);
  const all = Array.from({ length: Math.max(...named) + BEYOND + 1 }, (_, major) => major);
  return all.filter((major) => intersects(before, `${major}.x`) && !intersects(after, `${major}.x`));
}

const isLongTerm = (major: number): boolean => major % 2 === 0;

function lostNodes({ engines: before }: Manifest, { engines: after }: Manifest): string[] {
  const [was, is] = [before?.node, after?.node];
  if (typeof was !== 'string' || typeof is !== 'string') return [];
  const lost = lostMajors(was, is).filter(isLongTerm);
  return lost.length === 0 ? [] : [`\`engines\` no longer allows Node.js ${lost.join(', ')}`];
}

const isOptional = ({ peerDependenciesMeta = {} }: Manifest, name: string): boolean =>
  peerDependenciesMeta[name]?.optional === true;

function lostPeers(before: Manifest, after: Manifest): string[] {
  const was = before.peerDependencies ?? {};
  return Object.entries(after.peerDependencies ?? {}).flatMap(([name, range]): string[] => {
    const old = was[name];
    const isNeeded = !isOptional(after, name);
    if (old === undefined) {
      // What it has brought along itself until now is there as well.
      const isNew = isNeeded && before.dependencies?.[name] === undefined;
      return isNew ? [`it needs ${name} beside it now, as a peer`] : [];
    }
    const lost = lostMajors(old, range);
    if (lost.length > 0) return [`it no longer goes with ${name} ${lost.join(', ')}, a peer`];
    return isNeeded && isOptional(before, name) ? [`${name}, a peer, is no longer optional`] : [];
  });
}

/** @returns each change as a sentence */
export const lostPromises = (before: Manifest, after: Manifest): string[] => [
  ...lostNodes(before, after),
  ...lostPeers(before, after),
];

/** By their names and ranges, in the same order. */
export interface Majors {
  readonly was: readonly string[];
  readonly is: readonly string[];
}

/** Dependencies that are on another major version now, for the table: `chalk ^5.0.0`, which was `chalk ^4.1.0`. */
export function otherMajors(before: Manifest, after: Manifest): Majors {
  const changed = Object.entries(after.dependencies ?? {}).flatMap(([name, range]) => {
    const old = before.dependencies?.[name];
    if (old === undefined || validRange(old) === null || validRange(range) === null) return [];
    return intersects(old, range) || minVersion(old)?.major === minVersion(range)?.major
      ? []
      : [[`${name} ${old}`, `${name} ${range}`] as const];
  });
  return { was: changed.map(([was]) => was), is: changed.map(([, is]) => is) };
}
