/** The flags of `shakedown load`: a load's options, and what only a command line has. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Path } from '../kinds/common/problem.ts';
import type { WordsBesideUrl } from '../load/options/index.ts';
import {
  HOW_MUCH,
  HOW_TO_CONNECT,
  HOW_TO_JOIN,
  LOAD_WORDS,
  MOST,
  type PlainWord,
  plainWords,
  type Said,
  text,
  toggle,
  WHAT_TO_DEMAND,
  WHAT_TO_SEND,
  WHO_SENDS,
  type Word,
  whole,
} from '../load/options/words.ts';
import { collect, durationText, wholeNumber } from './option-values.ts';

const CREDENTIALS = {
  user: WHAT_TO_SEND.user,
  userFile: text('<file>', 'the same, from a file', { of: 'user' }),
  userEnv: text('<name>', 'the same, from an environment variable', { of: 'user' }),
  bearer: WHAT_TO_SEND.bearer,
  bearerFile: text('<file>', 'the same, from a file', { of: 'bearer' }),
  bearerEnv: text('<name>', 'the same, from an environment variable', { of: 'bearer' }),
};

const TARGET = {
  pid: whole(1, 2 ** 31, 'A pid', 'id of a process of the target, to watch its CPU and memory', {
    of: '',
    takes: '<pid>',
  }),
};

const WHAT_TO_TELL = {
  json: toggle('print the result as JSON on standard output', { of: '' }),
  csv: text('<file>', 'one line for each second', { of: '' }),
  hlog: text('<file>', 'a histogram log that HdrHistogram can read', { of: '' }),
};

const AGENTS = {
  ...WHO_SENDS,
  attach: text('<run>', 'show and judge a load that agents are sending, and begin none', { of: '' }),
};

const FLAGS = { ...LOAD_WORDS, ...CREDENTIALS, ...TARGET, ...WHAT_TO_TELL, ...AGENTS, ...HOW_TO_JOIN };

const { user: _, bearer: __, ...REQUESTS } = WHAT_TO_SEND;

const GROUPS: Readonly<Record<string, Readonly<Record<string, Word>>>> = {
  'How much:': HOW_MUCH,
  'What to send:': { ...REQUESTS, ...CREDENTIALS },
  'How to connect:': HOW_TO_CONNECT,
  'What to check:': { ...WHAT_TO_DEMAND, ...TARGET },
  'What to output:': WHAT_TO_TELL,
  'From many machines:': { ...AGENTS, ...HOW_TO_JOIN },
};

/** The parsed command line. */
export type LoadFlags = { readonly [Name in keyof typeof FLAGS]: Said<(typeof FLAGS)[Name]> };

/** The options that mean the same here as in a config. */
export function wordsAsSaid(flags: LoadFlags): Pick<WordsBesideUrl, PlainWord> {
  const said = plainWords().flatMap(([name]) => (flags[name] === undefined ? [] : [[name, flags[name]]]));
  return Object.fromEntries(said) as { readonly [Name in PlainWord]?: NonNullable<LoadFlags[Name]> };
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const longName = (name: string, word: Word): string =>
  `--${word.default === true ? 'no-' : ''}${dashed(name)}`;

/** The flag of each option, by its path; if there are several, the first. The longest matching path counts. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries<Word>(FLAGS)
    .map(([name, word]) => [word.of ?? name, longName(name, word)] as const)
    .reverse(),
  ['headers.Authorization', '--header Authorization'],
  ['https', 'a URL that begins with https:'],
  ['websocket', 'a URL that begins with ws:'],
]);

/** @param path of an option, relative to the load */
export function flagOf(path: Path): string {
  for (let length = path.length; length > 0; length -= 1) {
    const name = NAMES.get(path.slice(0, length).join('.'));
    if (name !== undefined) return name;
  }
  return `--${dashed(String(path[0]))}`;
}

/** What goes with `--attach`: where that run is, what its URL and its bounds are about, the bounds, and what to tell of it. */
const WITH_ATTACH: ReadonlySet<string> = new Set([
  ...Object.keys(HOW_TO_JOIN),
  ...['attach', 'data', 'sse', 'threshold', 'abortOn', 'json', 'csv', 'hlog'],
]);

const isGiven = (value: unknown, { form, default: usual }: Word): boolean => {
  if (form === 'switch') return value !== (usual ?? false);
  return form === 'texts' ? (value as readonly string[]).length > 0 : value !== undefined;
};

/** @returns the names of those that were given, of which that is asked */
const given = (flags: LoadFlags, isAsked: (name: string) => boolean): string[] =>
  Object.entries<Word>(FLAGS)
    .filter(([name, word]) => isAsked(name) && isGiven(flags[name as keyof LoadFlags], word))
    .map(([name, word]) => longName(name, word));

/** @returns what was given besides, which a run that was begun elsewhere would not heed */
export const flagsBesideAttach = (flags: LoadFlags): string[] =>
  given(flags, (name) => !WITH_ATTACH.has(name));

/** @returns what was given of agents */
export const flagsOfAgents = (flags: LoadFlags): string[] =>
  given(flags, (name) => Object.hasOwn({ ...AGENTS, ...HOW_TO_JOIN }, name));

function rate(given: string): number {
  const number = Number(given.replace(/\/s$/, ''));
  if (/^\d+(?:\.\d+)?(?:\/s)?$/.test(given) && number > 0 && number <= MOST) return number;
  throw new InvalidArgumentError(
    `A rate is a number of requests a second above 0, at most ${MOST}, such as 1000 or 0.5/s.`,
  );
}

function notEmpty(given: string): string {
  if (given === '') throw new InvalidArgumentError('It must not be empty.');
  return given;
}

const PARSERS = { rate, duration: durationText, text: notEmpty };

/** The placeholder after a flag, unless its option has one of its own. */
const TAKES: { readonly [F in Word['form']]?: string } = { whole: '<n>', rate: '<n>', duration: '<time>' };

function optionOf(name: string, word: Word): Option {
  const { short, takes = TAKES[word.form], says, mayBeEmpty } = word;
  const flag = `${short === undefined ? '' : `${short}, `}${longName(name, word)}`;
  const help = says.replace('{}', String(word.default));
  const option = new Option(takes === undefined ? flag : `${flag} ${takes}`, help);
  if (word.form === 'choice') return option.choices(word.choices);
  if (word.form === 'switch') return option.default(word.default ?? false);
  if (word.form === 'texts') return option.argParser(collect).default([]);
  if (mayBeEmpty === true) return option;
  return option.argParser<number | string>(
    word.form === 'whole' ? wholeNumber(word.least, word.most, word.what) : PARSERS[word.form],
  );
}

const NO_REPORT =
  'error: a load has no --report: --json writes its result on standard output, --csv FILE and --hlog FILE write files';

const EXAMPLES = `
Examples:
  shakedown load http://localhost:8001/
  shakedown load http://localhost:8001/ --rate 500 --duration 30s --threshold 'p99 < 50ms'
  shakedown load http://localhost:8001/items --body-json '{"id":{{counter}}}' --expect-status 201
  shakedown load ws://localhost:8001/feed --send 'message {{counter}}' --rate 500
  shakedown load http://localhost:8001/events --sse
`;

export function joinOptions(command: Command): Command {
  for (const [name, word] of Object.entries(HOW_TO_JOIN)) command.addOption(optionOf(name, word));
  return command;
}

export function loadOptions(command: Command): Command {
  for (const [group, words] of Object.entries(GROUPS)) {
    command.optionsGroup(group);
    for (const [name, word] of Object.entries(words)) command.addOption(optionOf(name, word));
  }
  return (
    command
      .optionsGroup('Options:')
      // Explains to those who mean a suite's reports what a load has instead.
      .addOption(new Option('--report [format]').hideHelp())
      .on('option:report', () => command.error(NO_REPORT))
      .usage('<url> [options]')
      // The descriptions contain the defaults and choices themselves.
      .configureHelp({ optionDescription: ({ description }) => description })
      .addHelpText('after', EXAMPLES)
  );
}
