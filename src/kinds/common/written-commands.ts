/** What a command says of the programs it starts: its own words, and those of the scripts that it names. */
import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Command } from '../../core/suite.ts';
import { readJson } from '../../files/read-json.ts';

/** Enough of a script to see what it starts. */
const READ = 65_536;

/** How many words of a command may be scripts. */
const MOST_SCRIPTS = 4;

export interface Written {
  /** Where: `its command`, or the name of a file. */
  readonly where: string;
  readonly text: string;
}

/** Of a script; empty if it cannot be read. */
export function textOf(file: string): string {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8').slice(0, READ) : '';
  } catch {
    return '';
  }
}

/** Whether a script is one for a shell, and not for another interpreter. */
export const isOfShell = (script: string): boolean =>
  /^#!.*\b(?:ba|da|z|k)?sh\b/.test(script.split('\n', 1)[0] ?? '');

const RUNS_SCRIPTS = /^(?:npm|pnpm|yarn|bun)$/;

/** @param cwd absolute path of the folder where it runs */
export function writtenCommands(command: Command, cwd: string): Written[] {
  const text = command.type === 'shell' ? command.line : command.argv.join(' ');
  const words = text.split(/[\s'"]+/);
  const scripts = words.flatMap((word): Written[] => {
    if (!/[/.]/.test(word)) return [];
    const script = textOf(resolve(cwd, word));
    // Of a script for another interpreter, the first line says how that is started.
    const text = isOfShell(script) || word.endsWith('.sh') ? script : (/^#!.*/.exec(script)?.[0] ?? '');
    return text === '' ? [] : [{ where: word, text }];
  });
  const own: Written = { where: 'its command', text };
  return [own, ...scripts.slice(0, MOST_SCRIPTS), ...packageScripts(words, cwd)];
}

/** The scripts of a `package.json` that a command runs by their names. */
function packageScripts(words: readonly string[], cwd: string): Written[] {
  if (!RUNS_SCRIPTS.test(basename(words[0] ?? ''))) return [];
  const scripts = readJson<{ readonly scripts?: Readonly<Record<string, unknown>> }>(
    join(cwd, 'package.json'),
  )?.scripts;
  return Object.entries(scripts ?? {}).flatMap(([name, text]) =>
    words.includes(name) && typeof text === 'string' ? [{ where: `the script "${name}"`, text }] : [],
  );
}
