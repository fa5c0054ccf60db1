import { shorten } from './shorten.ts';

/** Where the culprit is in a file. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The culprit's length in characters, on its line. */
  readonly length: number;
  /** The line itself, so that a message can point at the culprit. */
  readonly text: string;
}

/** A user's mistake, reported before anything ran. */
export interface Diagnostic {
  /** Culprit and cause in one line. */
  readonly message: string;
  /** The next step. */
  readonly hint?: string;
  readonly location?: Location;
}

/** In characters: what of a line is shown at once, and how much of that stands before the culprit. */
const SHOWN = 160;
const BEFORE = 40;

/** The line, or what of a long one is around the culprit. */
function shownLine({ text, column, length }: Location): Pick<Location, 'text' | 'column' | 'length'> {
  if (text.length <= SHOWN) return { text, column, length };
  const from = Math.max(0, Math.min(column - 1 - BEFORE, text.length - SHOWN));
  const rest = text.slice(from);
  const shown = shorten(from > 0 ? `…${rest.slice(1)}` : rest, SHOWN);
  return { text: shown, column: column - from, length: Math.min(length, shown.length - (column - 1 - from)) };
}

/** Formats message and location like a compiler, with a pointer under the culprit. */
export function showDiagnostic(diagnostic: Diagnostic): string {
  const lines: string[] = [];
  const { location, hint } = diagnostic;
  const at = location === undefined ? '' : `${location.file}:${location.line}:${location.column}: `;
  lines.push(`${at}${diagnostic.message}`);
  if (location !== undefined) {
    const gutter = `${location.line}`;
    const blank = ' '.repeat(gutter.length);
    const { text, column, length } = shownLine(location);
    // Tabs stay tabs, so that the pointer lines up whatever their width.
    const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
    lines.push(`  ${gutter} | ${text}`);
    lines.push(`  ${blank} | ${indent}${'^'.repeat(Math.max(1, length))}`);
  }
  if (hint !== undefined) lines.push(`  ${hint}`);
  return lines.join('\n');
}
