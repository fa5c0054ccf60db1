/** Suggests a text for `leave`: one that is in a process's command line, and in few others. */

/** How to find, on the command line of a program that runs another, the word that names that other. */
interface Interpreter {
  readonly name: RegExp;
  /** Options that take the program itself as text. */
  readonly code?: RegExp;
  /** Options that take the next word as their value. */
  readonly valued?: RegExp;
  /** Words before the one that names what is run. */
  readonly verbs?: RegExp;
  /** It runs another program, which is more telling than its own name. */
  readonly isWrapper?: true;
}

const SCRIPTED = {
  node: {
    name: /^node(?:js)?$/,
    code: /^(?:-e|-p|-pe|--eval|--print)$/,
    valued: /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|--title)$/,
  },
  deno: { name: /^deno$/, code: /^eval$/, verbs: /^(?:run|serve|task|test)$/ },
  bun: {
    name: /^bun$/,
    code: /^(?:-e|-p|--eval|--print)$/,
    valued: /^(?:-r|--preload)$/,
    verbs: /^(?:run|test|x)$/,
  },
  python: { name: /^python[\d.]*$/, code: /^-[bBdEiIOqsSuv]*c$/, valued: /^-[WX]$/ },
  ruby: { name: /^ruby[\d.]*$/, code: /^-e$/, valued: /^-[rIC]$/ },
  perl: { name: /^perl[\d.]*$/, code: /^-[lnpw]*[eE]$/, valued: /^-I$/ },
  php: { name: /^php[\d.]*$/, code: /^-r$/, valued: /^-[cdt]$/ },
  java: { name: /^java$/, valued: /^(?:-cp|-classpath|--class-path|-p|--module-path|--add-modules)$/ },
  shell: {
    name: /^(?:(?:ba|da|z|k|a)?sh|busybox)$/,
    code: /^-[a-z]*c$/,
    valued: /^(?:-o|-O|--rcfile|--init-file)$/,
    verbs: /^sh$/,
  },
  env: { name: /^env$/, verbs: /^\w+=/, valued: /^-[uC]$/, isWrapper: true },
  timeout: { name: /^timeout$/, verbs: /^[\d.]+[smhd]?$/, valued: /^-[ks]$/, isWrapper: true },
  nice: { name: /^nice$/, valued: /^-n$/, isWrapper: true },
  stdbuf: { name: /^stdbuf$/, valued: /^-[ioe]$/, isWrapper: true },
  plain: { name: /^(?:nohup|setsid)$/, isWrapper: true },
} as const satisfies Record<string, Interpreter>;

const INTERPRETERS: readonly Interpreter[] = Object.values(SCRIPTED);

/** A shorter text is in many command lines. */
const SHORTEST = 5;
/** For a program given as text on the command line. */
const LONGEST_CODE = 60;

/** For a command line that is quoted whole. */
const LONGEST_LINE = 40;

/** A word that may change from run to run: a path among temporary files, an address, an assigned number. */
const PASSING = /^(?:.*=)?\/(?:tmp|var|run|proc|dev)\/|[\da-f]{8}|\d{5}|\[/;
/** A folder whose name is not random, as those of `mkdtemp` are. */
const LASTING_FOLDER = /^(?!\.+$)(?!.*-(?=[^-]*[A-Z\d])[A-Za-z\d]{6}$)[\w@.-]+$/;
/** File names that many programs use. */
const COMMON_FILE = /^(?:index|main|__main__|app|cli|run|start)\.\w+$/;

/** A word of a command line, and its offset. */
interface Word {
  readonly text: string;
  readonly at: number;
}

const wordsOf = (command: string): Word[] =>
  [...command.matchAll(/\S+/g)].map(({ 0: text, index }) => ({ text, at: index }));

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The offset of the last part of a word's path. */
const lastPartAt = ({ text, at }: Word): number => at + text.lastIndexOf('/') + 1;

/** @returns the word that names what an interpreter runs; `isCode` if the program itself starts there */
function subject(args: readonly Word[], how: Interpreter): { word: Word; isCode: boolean } | undefined {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index];
    if (word === undefined || word.text === '-' || word.text === '-s') return undefined;
    if (how.code?.test(word.text) === true) return { word, isCode: true };
    if (how.valued?.test(word.text) === true) index += 1;
    else if (!word.text.startsWith('-') && how.verbs?.test(word.text) !== true)
      return { word, isCode: false };
  }
  return undefined;
}

/**
 * @param command a command line from the process table, its words joined by blanks
 * @returns undefined when nothing in it identifies the process: an interpreter that reads its program from standard
 *   input
 */
export function narrowName(command: string): string | undefined {
  const [program, ...args] = wordsOf(command);
  if (program === undefined) return undefined;
  const how = INTERPRETERS.find(({ name }) => name.test(lastPart(program.text)));
  if (how === undefined) return withArguments(command, program, args);
  const found = subject(args, how);
  if (found === undefined) return undefined;
  if (found.isCode) return command.slice(lastPartAt(program)).slice(0, LONGEST_CODE).trim();
  if (how.isWrapper === true) return narrowName(command.slice(found.word.at));
  return nameFrom(command, program, found.word);
}

/** A program with its arguments, if they are few and constant: `sleep` alone is also in `node sleepy.js`. */
function withArguments(command: string, program: Word, args: readonly Word[]): string {
  const line = command.slice(lastPartAt(program)).trim();
  const isTitle = program.text.endsWith(':');
  const isLasting = line.length <= LONGEST_LINE && !args.some(({ text }) => PASSING.test(text));
  return args.length > 0 && isLasting && !isTitle ? line : nameFrom(command, program, program);
}

/** A script's file, with its folder if that is constant; if that says too little, everything from the program on. */
function nameFrom(command: string, program: Word, { text, at }: Word): string {
  const name = lastPart(text);
  const folder = at === program.at || PASSING.test(text) ? '' : (text.split('/').at(-2) ?? '');
  // What stands in the path of the interpreter would allow all that it runs.
  const isNarrow = (part: string): boolean => at === program.at || !program.text.includes(part);
  if (LASTING_FOLDER.test(folder) && isNarrow(`${folder}/${name}`)) return `${folder}/${name}`;
  if (name.length >= SHORTEST && !COMMON_FILE.test(name) && isNarrow(name)) return name;
  const end = at + text.length;
  const words = command.slice(lastPartAt(program), end);
  return words.length >= SHORTEST ? words : command.slice(program.at).slice(0, LONGEST_CODE).trim();
}
