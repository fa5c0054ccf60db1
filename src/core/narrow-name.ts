/** A text by which `leave` could allow a process: it stands in the command line of that process, and not in those of many others. */

/** How a program that runs another one is called, where that decides which word names what it runs. */
interface Interpreter {
  readonly name: RegExp;
  /** Options whose program is a text that follows. */
  readonly code?: RegExp;
  /** Options after which the next word is their value. */
  readonly valued?: RegExp;
  /** Words before the one that names what is run. */
  readonly verbs?: RegExp;
  /** It runs another program, which tells more than its own name. */
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

/** A text of fewer letters stands in many command lines. */
const SHORTEST = 5;
/** Of a program that is a text in the command line itself. */
const LONGEST_CODE = 60;

/** Of a command line that is told whole. */
const LONGEST_LINE = 40;

/** A word that may be another one next time: a path in a folder for temporary files, an address, a number that was given out. */
const PASSING = /^(?:.*=)?\/(?:tmp|var|run|proc|dev)\/|[\da-f]{8}|\d{5}|\[/;
/** A folder whose name is not made for one run, as `mkdtemp` makes them. */
const LASTING_FOLDER = /^(?!\.+$)(?!.*-(?=[^-]*[A-Z\d])[A-Za-z\d]{6}$)[\w@.-]+$/;
/** Files that many programs have. */
const COMMON_FILE = /^(?:index|main|__main__|app|cli|run|start)\.\w+$/;

/** A word of a command line, and where it stands there. */
interface Word {
  readonly text: string;
  readonly at: number;
}

const wordsOf = (command: string): Word[] =>
  [...command.matchAll(/\S+/g)].map(({ 0: text, index }) => ({ text, at: index }));

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Where a word's last part stands. */
const lastPartAt = ({ text, at }: Word): number => at + text.lastIndexOf('/') + 1;

/** @returns the word that names what an interpreter runs; `code` where that is a text from this word on */
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
 * @param command a command line as the process table has it, its words joined by blanks
 * @returns undefined where nothing in it tells the process apart: an interpreter that reads its program from its input
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

/** A program with its arguments, where these are few and stay as they are: `sleep` stands in the command line of `node sleepy.js`. */
function withArguments(command: string, program: Word, args: readonly Word[]): string {
  const line = command.slice(lastPartAt(program)).trim();
  const isTitle = program.text.endsWith(':');
  const isLasting = line.length <= LONGEST_LINE && !args.some(({ text }) => PASSING.test(text));
  return args.length > 0 && isLasting && !isTitle ? line : nameFrom(command, program, program);
}

/** The file of a script, with its folder where that is told and stays as it is; where that says too little, with all from the program on. */
function nameFrom(command: string, program: Word, { text, at }: Word): string {
  const name = lastPart(text);
  const folder = at === program.at || PASSING.test(text) ? '' : (text.split('/').at(-2) ?? '');
  if (LASTING_FOLDER.test(folder)) return `${folder}/${name}`;
  if (name.length >= SHORTEST && !COMMON_FILE.test(name)) return name;
  const end = at + text.length;
  const words = command.slice(lastPartAt(program), end);
  return words.length >= SHORTEST ? words : command.slice(program.at).slice(0, LONGEST_CODE).trim();
}
