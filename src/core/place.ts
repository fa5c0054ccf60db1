/** Where in somebody's source a finding points to: what programs print of tracebacks, stacks, compiler errors and panics. */
import type { Finding } from './finding.ts';
import type { TestCase } from './test-results.ts';

/** Lines and columns count from 1. */
export interface Place {
  /** As printed, which may be absolute or relative to whatever folder the program was in. */
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** Innermost last; all others are innermost first. */
const PYTHON_FRAME = /\bFile "([^"]+)", line (\d{1,7})\b/;

/**
 * A path without spaces, with the extension of a source, and a line: `a.ts:3:5`, `a.py:3`, `a.ts(3,5)`, `a.php on line 3`,
 * `a.pl line 3.`, `a.sh: line 3:`. What stands before it keeps out the lines of logs, which name the file that they are from.
 */
const OTHER =
  /(?:^[\s|+>❯-]{0,40}|[('"[]|[#:,❯>]\s{1,8}|\b(?:at|in|from) )((?:file:\/\/)?[^\s:()'"[\]]+\.(?:py[ix]?|[cm]?[jt]sx?|go|rs|rb|java|kts?|scala|php|c|cc|cpp|cxx|h|hpp|cs|fs|swift|exs?|erl|lua|p[lm]|t|sh|bash|bats|vue|svelte|sql|json|ya?ml|toml|zig|dart|clj|hs|jl|gradle))(?::(\d{1,7})(?::(\d{1,7}))?|\((\d{1,7})(?:,(\d{1,7}))?\)|(?: on|:)? line (\d{1,7}))(?![\w.-]*\w)/;

/** Code that nobody has written for what is tried. */
const FOREIGN =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages)\/|^(?:node:|<|internal\/|\/usr\/lib\/|\/rustc\/)|\/(?:lib\/python3\.\d+|go\/pkg\/mod|\.cargo\/registry|gems)\/|^\/[\w/.-]*\/go\/src\/(?:runtime|testing|net)\//;

const JAVA_LIBRARY = /\bat (?:(?:java|jdk)\.[\w.]{1,80}\/|junit\.|org\.(?:junit|opentest4j)\.)/;

const fromUrl = (path: string): string => {
  if (!path.startsWith('file://')) return path;
  try {
    return decodeURIComponent(new URL(path).pathname);
  } catch {
    return path;
  }
};

interface Sighting {
  readonly place: Place;
  readonly isPython: boolean;
}

function sightingIn(text: string): Sighting[] {
  if (JAVA_LIBRARY.test(text)) return [];
  const python = PYTHON_FRAME.exec(text);
  const [, path, ...numbers] = python ?? OTHER.exec(text) ?? [];
  const [line, column] = numbers.filter((number) => number !== undefined).map(Number);
  if (path === undefined || line === undefined || line === 0 || FOREIGN.test(path)) return [];
  const place = { file: fromUrl(path), line, ...(column === undefined ? {} : { column }) };
  return [{ place, isPython: python !== null }];
}

/** Longer lines are no places, and finding none in them takes time. */
const LONGEST = 2000;

/** The places that lines name, the most telling first. */
function placesIn(lines: readonly string[]): Place[] {
  const seen = lines.flatMap((line) => sightingIn(line.slice(0, LONGEST)));
  const inOrder = seen[0]?.isPython === true ? seen.toReversed() : seen;
  return inOrder.map(({ place }) => place);
}

/**
 * Where in the source a finding points to.
 *
 * @param accepts whether a place will do, for instance whether its file exists
 * @returns the most telling place that will do: the innermost of the user's own code; undefined if there is none
 */
export function placeOf(
  finding: Finding,
  accepts: (place: Place) => boolean = () => true,
): Place | undefined {
  const matches = 'matches' in finding ? finding.matches.flatMap(({ text }) => text) : [];
  for (const lines of [[finding.message], finding.evidence ?? [], matches]) {
    const found = placesIn(lines).find(accepts);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @returns where a failed test is: as its runner tells, else as what it printed does; undefined if neither will do */
export function placeOfTest(
  { file, line, output }: Pick<TestCase, 'file' | 'line' | 'output'>,
  accepts: (place: Place) => boolean,
): Place | undefined {
  const told = file === null ? [] : [{ file, line: line ?? 1 }];
  return [...told, ...placesIn(output)].find(accepts);
}
