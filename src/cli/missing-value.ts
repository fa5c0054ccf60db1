/** What is said of an option without its value: commander names the option, and not what it wants. */

/** By option: what it wants, and how that looks. */
const WANTED: Readonly<Record<string, readonly [what: string, example: string]>> = {
  '--list': ['a file that names packages, one on each line', 'shakedown package --list packages.txt'],
  '--node': ['versions of Node.js', 'shakedown package . --node 20,22.11'],
  '--python': ['versions of Python', 'shakedown package . --python 3.11,3.13'],
  '--peers': ['lowest, highest, or both', 'shakedown package . --peers lowest,highest'],
  '--budget': ['what a start may cost', 'shakedown package . --budget start=3x,modules=200'],
};

const MISSING = /^error: option '(?:-\w, )?(--[\w-]+) <[^>]*>' argument missing\s*$/;

/** @param text as commander would print it */
export function explainMissing(text: string): string {
  const option = MISSING.exec(text)?.[1] ?? '';
  const wanted = WANTED[option];
  return wanted === undefined ? text : `error: ${option} needs ${wanted[0]}\n  → ${wanted[1]}\n`;
}
