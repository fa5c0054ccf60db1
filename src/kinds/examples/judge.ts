/** What is to be said of examples that were run alone and in threads. Pure. */
import { constants } from 'node:os';
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { EndedEvent, ExampleEvent, WrongEvent } from './events.ts';
import { type Found, NO_TIME } from './keep.ts';
import type { Outcome } from './protocol.ts';

export interface Judged {
  readonly name: string;
  /** Absolute path of `site-packages`. */
  readonly site: string;
  readonly threads: number;
  /** How long a process did nothing that is stuck. */
  readonly waitedMs: number;
  /** A command that tries the same again. */
  readonly again: string;
}

const NAMED = 3;
const LINES = 24;
const LONGEST = 160;

const few = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`);

function shown([printed, error]: Outcome): string {
  const text = printed.trimEnd();
  if (error !== null) return few(text === '' ? error : `${text} and ${error}`);
  return text === '' ? 'nothing' : few(text);
}

type Place = Pick<WrongEvent, 'file' | 'line'>;

const placeOf = ({ file, line }: Place, { site }: Judged): string =>
  `${file.startsWith(`${site}/`) ? file.slice(site.length + 1) : file}${line === null ? '' : `:${line}`}`;

/** The stacks of all threads, without what is ours, the interpreter's, or says nothing. */
export function tellingStacks(faults: readonly string[]): string[] {
  const own = /\/shakedown_examples\/|\/harness\/(?:python\/examples|main)\.py|\/threading\.py"/;
  return faults
    .filter((line) => line !== '' && !own.test(line))
    .filter((line, index, all) => !/hread 0x/.test(line) || all[index + 1]?.startsWith('  ') === true);
}

/** By module: what goes wrong in one of its functions shows in the examples of others. */
function groups<E extends WrongEvent | EndedEvent>(events: readonly E[]): [first: E, others: readonly E[]][] {
  const found = new Map<string, E[]>();
  for (const event of events) {
    const key = `${event.type} ${event.module}`;
    found.set(key, [...(found.get(key) ?? []), event]);
  }
  return [...found.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [[first, others]]));
}

const alsoIn = (others: readonly (WrongEvent | EndedEvent)[], judged: Judged): string[] =>
  firstFew(
    others.map((each) => `so it does in ${each.name} (${placeOf(each, judged)})`),
    NAMED,
  );

function wrongResult(
  [first, others]: readonly [WrongEvent, readonly WrongEvent[]],
  judged: Judged,
): Finding[] {
  const [difference] = first.shown;
  if (difference === undefined) return [];
  const { thread, source, expected, actual } = difference;
  const count = `${first.count.toLocaleString('en-US')} of ${plural(first.runs, 'run')}`;
  return [
    {
      code: 'wrong-result',
      message: `the example of ${first.name} (${placeOf(first, judged)}) gives ${shown(actual)} in thread ${thread}, and ${shown(expected)} alone (${count})`,
      evidence: [
        ...source.split('\n').map((line, index) => `${index === 0 ? '>>>' : '...'} ${line}`),
        ...first.shown.map((each) => `thread ${each.thread}, round ${each.round}: ${shown(each.actual)}`),
        `${judged.threads} threads, ${first.how}`,
        ...alsoIn(others, judged),
      ],
      hint: `the same again: ${judged.again}`,
      count: [first, ...others].reduce((sum, each) => sum + each.count, 0),
      operation: first.name,
    },
  ];
}

const signalName = (number: number): NodeJS.Signals | null =>
  (Object.entries(constants.signals).find(([, value]) => value === number)?.[0] as
    | NodeJS.Signals
    | undefined) ?? null;

function badEnd([first, others]: readonly [EndedEvent, readonly EndedEvent[]], judged: Judged): Finding {
  const evidence = [...firstFew(tellingStacks(first.faults), LINES), ...alsoIn(others, judged)];
  const what = `${first.line === null ? '' : 'the example of '}${first.name} (${placeOf(first, judged)})`;
  const where = plural(judged.threads, 'thread');
  const common = { evidence, hint: `the same again: ${judged.again}`, operation: first.name };
  if (first.type === 'hang') {
    const message = `${what} gets stuck when ${where} run it at once`;
    return { code: 'thread-hang', message, ...common, waitedMs: judged.waitedMs };
  }
  const { code } = first;
  const signal = signalName(first.signal);
  const does = code === null ? 'crashes' : 'ends its process';
  const message = `${what} ${does} when ${where} run it at once: the process ${describeExit({ code, signal })}`;
  return { code: 'thread-crash', message, ...common, exitCode: code, signal };
}

/** An interpreter names only the first module; what is imported later finds the lock on. */
function lockOf(alone: readonly ExampleEvent[]): Finding[] {
  const first = alone.find((event) => event.type === 'lock');
  if (first === undefined) return [];
  const module = /load module '([^']+)'/.exec(first.words)?.[1] ?? null;
  return [
    {
      code: 'gil-enabled',
      message: `importing ${first.module} turns the global interpreter lock of a free-threaded Python back on${module === null || module === first.module ? '' : `, by ${module}`}`,
      evidence: first.words === '' ? [] : [first.words],
      hint: 'an extension module must declare Py_MOD_GIL_NOT_USED',
      module,
    },
  ];
}

const UNCLEAR = {
  crash: 'it crashed once in threads, and not again',
  hang: 'it got stuck once in threads, and not again',
  slow: 'it took too long in threads',
} as const;
const NOT_BY_THREADS = {
  state: 'it keeps state from one call to the next',
  chance: 'it gives something else now and then, also alone',
} as const;

/** Why examples have shown nothing, with their names. */
function reasonsOf(found: readonly Found[], together: readonly ExampleEvent[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  const leave = (because: string, name: string): unknown =>
    reasons.set(because, [...(reasons.get(because) ?? []), name]);
  for (const { name, dropped } of found) if (dropped !== null) leave(dropped, name);
  for (const event of together) {
    if (event.type === 'unclear') leave(UNCLEAR[event.how], event.name);
    if (event.type === 'untried') leave(NO_TIME, event.name);
    if (event.type === 'wrong' && event.because !== null) leave(NOT_BY_THREADS[event.because], event.name);
  }
  return reasons;
}

function leftOut(
  found: readonly Found[],
  alone: readonly ExampleEvent[],
  together: readonly ExampleEvent[],
): Finding[] {
  const reasons = [...reasonsOf(found, together)].sort(([, a], [, b]) => b.length - a.length);
  const unloaded = alone.flatMap((event) => (event.type === 'unloaded' ? [event] : []));
  const unreached = alone.flatMap((event) => (event.type === 'unreached' ? [event.module] : []));
  const count = new Set(reasons.flatMap(([, names]) => names)).size;
  if (count === 0 && unloaded.length === 0 && unreached.length === 0) return [];
  const total = found.length;
  const told = [
    ...(unloaded.length === 0 ? [] : [`${plural(unloaded.length, 'module')} could not be imported`]),
    ...(unreached.length === 0
      ? []
      : [`${plural(unreached.length, 'module')} ${unreached.length === 1 ? 'was' : 'were'} not reached`]),
    ...(count === 0
      ? []
      : [
          `${count} of ${plural(total, 'example')} in docstrings ${count === 1 ? 'is' : 'are'} not for threads`,
        ]),
  ];
  return [
    {
      code: 'examples-left-out',
      message: told.join('; '),
      evidence: [
        ...reasons.map(([because, names]) => `${names.length}: ${because} (${nameFew(names, NAMED)})`),
        ...(unreached.length === 0 ? [] : [`not reached: ${nameFew(unreached, NAMED)}`]),
        ...firstFew(
          unloaded.map(({ module, words }) => `${module}: ${words}`),
          NAMED,
        ),
      ],
      ...{ count, total },
    },
  ];
}

/** @param found the examples, of which threads ran those that are kept */
export function judgeExamples(
  found: readonly Found[],
  {
    alone,
    together,
  }: { readonly alone: readonly ExampleEvent[]; readonly together: readonly ExampleEvent[] },
  judged: Judged,
): Finding[] {
  const wrong = together.flatMap((event) =>
    event.type === 'wrong' && event.because === null ? [event] : [],
  );
  const ended = together.flatMap((event) => (event.type === 'crash' || event.type === 'hang' ? [event] : []));
  const nothing: Finding = {
    code: 'no-examples',
    message: `no example in the docstrings of ${judged.name} can be run in threads`,
  };
  return [
    ...groups(wrong).flatMap((group) => wrongResult(group, judged)),
    ...groups(ended).map((group) => badEnd(group, judged)),
    ...lockOf(alone),
    ...(found.some(({ kept }) => kept !== null) ? [] : [nothing]),
    ...leftOut(found, alone, together),
  ];
}
