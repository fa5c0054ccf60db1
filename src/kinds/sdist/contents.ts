/** Compares what is in the files that two wheels have in common, by what a build may not change. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readZip } from '../../consumer/python/zip.ts';

/** What Python reads: data may be made by the build, with the time of day in it. */
const SOURCE = /\.pyi?$/;
/** Written by build tools: the version, the commit, and how it was built. */
const GENERATED = /(?:^|\/)_*(?:version|about|build|git|commit|config|buildinfo)\w*\.pyi?$/i;
/** Larger ones are not compared. */
const LARGEST = 4 * 1024 * 1024;

/** Without what editors and version control change: line ends, blanks at the ends of lines, and the end of the file. */
const normalised = (content: Buffer): string =>
  content
    .toString('latin1')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();

/**
 * @param path absolute path of a wheel
 * @returns a hash of what is in each of its sources, by its name
 */
function sourcesOf(path: string): ReadonlyMap<string, string> {
  const entries = readZip(readFileSync(path)) ?? [];
  const sources = entries.filter(
    ({ name, size }) => SOURCE.test(name) && !GENERATED.test(name) && size <= LARGEST,
  );
  return new Map(
    sources.flatMap((entry) => {
      const content = entry.read();
      if (content === undefined) return [];
      return [[entry.name, createHash('sha256').update(normalised(content)).digest('hex')] as const];
    }),
  );
}

/** @returns the sources that both have, and that say something else in each */
export function changedSources(wheel: string, built: string): string[] {
  const after = sourcesOf(built);
  return [...sourcesOf(wheel)].flatMap(([name, hash]) => {
    const other = after.get(name);
    return other === undefined || other === hash ? [] : [name];
  });
}
