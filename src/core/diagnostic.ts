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

/** Formats message and location like a compiler, with a pointer under the culprit. */
export function showDiagnostic(diagnostic: Diagnostic): string {
  const lines: string[] = [];
  const { location, hint } = diagnostic;
  const at = location === undefined ? '' : `${location.file}:${location.line}:${location.column}: `;
  lines.push(`${at}${diagnostic.message}`);
  if (location !== undefined) {
    const gutter = `${location.line}`;
    const blank = ' '.repeat(gutter.length);
    // Tabs stay tabs, so that the pointer lines up whatever their width.
    const indent = location.text.slice(0, location.column - 1).replace(/[^\t]/g, ' ');
    lines.push(`  ${gutter} | ${location.text}`);
    lines.push(`  ${blank} | ${indent}${'^'.repeat(Math.max(1, location.length))}`);
  }
  if (hint !== undefined) lines.push(`  ${hint}`);
  return lines.join('\n');
}
