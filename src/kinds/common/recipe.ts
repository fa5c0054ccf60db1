/**
 * The output of a command run by make or just, without the lines in which these show each command before it runs. Nothing
 * marks those lines, but the runner names the file with the commands when it fails.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Silent, silentCommand } from '../../core/task-runner.ts';

interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

const MAKE = /^[\w./-]{0,40}make(?:\[\d{1,4}\])?: \*\*\* \[([^\]:]{1,300}):(\d{1,9}): /;
const JUST = /^error: [Rr]ecipe `[^`]{1,300}` failed on line (\d{1,9})\b/;
const ENTERING = /^[\w./-]{0,40}make(?:\[\d{1,4}\])?: Entering directory [`'](.+)'$/;
const JUSTFILES = ['justfile', 'Justfile', '.justfile'];

/** Where the recipe that failed first may be. */
function placesOf(lines: readonly string[], cwd: string): Place[] {
  const at = lines.findIndex((line) => MAKE.test(line) || JUST.test(line));
  const [, file = '', line = ''] = MAKE.exec(lines[at] ?? '') ?? [];
  if (file !== '') {
    const folder = lines
      .slice(0, at)
      .flatMap((before) => ENTERING.exec(before)?.[1] ?? [])
      .at(-1);
    return [{ file: resolve(cwd, folder ?? '.', file), line: Number(line) }];
  }
  const [, number] = JUST.exec(lines[at] ?? '') ?? [];
  return number === undefined
    ? []
    : JUSTFILES.map((name) => ({ file: resolve(cwd, name), line: Number(number) }));
}

function linesIn(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

const isRecipe = (line: string | undefined): boolean => line !== undefined && /^[\t ]+\S/.test(line);

/** A command of a recipe, which may span several lines. */
interface RecipeCommand {
  readonly isShown: boolean;
  readonly lines: readonly string[];
}

/** The commands of the recipe, up to the one that failed. */
function recipeAt({ file, line }: Place): RecipeCommand[] {
  const source = linesIn(file);
  let from = line - 1;
  if (!isRecipe(source[from])) return [];
  while (isRecipe(source[from - 1])) from -= 1;
  let to = line;
  while (source[to - 1]?.endsWith('\\')) to += 1;
  const commands: string[][] = [];
  for (const text of source.slice(from, to)) {
    const last = commands.at(-1);
    if (last?.at(-1)?.endsWith('\\')) last.push(text.trim());
    else commands.push([text.trim()]);
  }
  return commands.map(([first = '', ...rest]) => {
    const command = first.replace(PREFIX, '');
    const prefix = first.slice(0, first.length - command.length);
    return { isShown: !prefix.includes('@'), lines: [command, ...rest] };
  });
}

const PREFIX = /^[-+@ ]+/;
const VARIABLE = /\$\([^()]{0,200}\)|\$\{[^{}]{0,200}\}|\$[\w@<^*?+%]|\{\{[^{}]{0,200}\}\}/;
/** Text besides variables: a line without any might expand to anything. */
const LITERAL = /\w{2}/;

/** Whether a line of a recipe may look like this once its variables are expanded. */
function mayBecome(source: string, line: string): boolean {
  const [first = '', ...rest] = source.split(VARIABLE).map((part) => part.replaceAll('$$', '$'));
  if (!LITERAL.test([first, ...rest].join(''))) return false;
  const last = rest.pop();
  const shown = line.trim();
  if (last === undefined) return shown === first;
  let at = first.length;
  for (const part of rest) {
    const found = shown.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return shown.startsWith(first) && shown.length - last.length >= at && shown.endsWith(last);
}

function recipeOf(lines: readonly string[], cwd: string): readonly RecipeCommand[] {
  const recipes = placesOf(lines, cwd).map(recipeAt);
  return recipes.find((recipe) => recipe.length > 0) ?? [];
}

/**
 * @param lines of the output of a command
 * @param cwd where it ran
 * @returns the lines without the commands that make or just has shown
 */
export function withoutEchoes(lines: readonly string[], cwd: string): readonly string[] {
  const left = [...lines];
  let from = 0;
  for (const source of recipeOf(lines, cwd).flatMap((command) => (command.isShown ? command.lines : []))) {
    const at = left.findIndex((line, index) => index >= from && mayBecome(source, line));
    if (at === -1) continue;
    left.splice(at, 1);
    from = at;
  }
  return left;
}

/** The command that failed, as written in its file. */
const commandAt = (lines: readonly string[], cwd: string): string | undefined =>
  recipeOf(lines, cwd).at(-1)?.lines.join('\n').replaceAll('$$', '$').replaceAll('\\\n', '');

/** curl with -s does not say why it failed, unless -S is given too. */
function isMuteCurl(command: string): boolean {
  const words = command.split(/\s/);
  const flags = words.slice(words.indexOf('curl') + 1);
  const has = (letter: string, name: string): boolean =>
    flags.some((word) => word === name || (/^-[a-zA-Z]/.test(word) && word.includes(letter)));
  return words.includes('curl') && has('s', '--silent') && !has('S', '--show-error');
}

function told({ command, task, exitCode }: Silent): string {
  const what =
    command !== undefined ? `\`${command}\`` : task !== undefined ? `the recipe of ${task}` : 'the command';
  const how = exitCode === undefined ? '' : `ended with ${exitCode} and `;
  const curl = command !== undefined && isMuteCurl(command) ? '; curl says why if it is given -S' : '';
  return `${what} ${how}printed nothing${curl}`;
}

/**
 * @param lines of the output of a command that failed
 * @param cwd where it ran
 * @returns an explanation that the command run by a task runner printed nothing; undefined if it did, or there is no runner
 */
export function explainSilence(lines: readonly string[], cwd: string): string | undefined {
  const spoken = withoutEchoes(lines, cwd).filter((line) => line.trim() !== '');
  const silent = silentCommand(spoken);
  if (silent === undefined) return undefined;
  const command = silent.command ?? commandAt(lines, cwd);
  return told({ ...silent, ...(command === undefined ? {} : { command }) });
}
