/** `shakedown watch`: runs components, and runs again what a changed file concerns. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Stamped } from '../../core/event.ts';
import { asLine, visible } from '../../core/harmless.ts';
import type { Plan } from '../../core/plan.ts';
import type { Result } from '../../core/result.ts';
import type { Suite } from '../../core/suite.ts';
import { Watched } from '../../engine/watched.ts';
import { globBelow } from '../../files/glob.ts';
import { planRun } from '../../plan/plan.ts';
import { openTier } from '../../process/ownership/tiers/choose.ts';
import { createPaint } from '../../text/paint.ts';
import { type DetailFlags, detailOf } from '../detail.ts';
import type { OwnershipFlags, Program, RunFlags } from '../flags.ts';
import { hasKeyboard, Keyboard } from '../keyboard.ts';
import { readSuite } from '../namesakes.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { tierDiagnostic } from '../refusal.ts';
import { carryOut, hostOf } from '../run.ts';
import { say } from '../say.ts';
import { watchSignals } from '../signals.ts';
import { createTerminalReport, type TerminalReport, wantsColor, wantsLive } from '../terminal-report.ts';
import { Concerns } from './concern.ts';
import { FileWatch } from './files.ts';
import { Rounds, STAMPED_WITHIN, type Wish } from './rounds.ts';

export type WatchFlags = Omit<RunFlags, 'keepGoing' | 'repeat' | 'failed' | 'flaky'> &
  OwnershipFlags &
  DetailFlags;

interface Chosen {
  readonly suite: Suite;
  readonly plan: Plan;
  /** When it was read: milliseconds since 1970. */
  readonly readAt: number;
}

export async function watch(names: readonly string[], flags: WatchFlags, program: Program): Promise<Outcome> {
  let chosen = await choose(names, flags, program);
  if (!chosen.ok) return refuse(chosen.error);
  for (;;) {
    const { root }: Plan = chosen.value.plan;
    const outcome = await watchSuite(chosen.value, flags, program);
    if (outcome !== 'reload') return outcome;
    chosen = { ok: true, value: await chooseAgain(root, () => choose(names, flags, program)) };
  }
}

/** Reads the suite as soon as it is sound. Nothing runs meanwhile, so that a signal just ends us. */
async function chooseAgain(
  root: string,
  read: () => Promise<Result<Chosen, readonly Diagnostic[]>>,
): Promise<Chosen> {
  for (;;) {
    let onChange = (): void => {};
    const changed = new Promise<void>((resolve) => {
      onChange = resolve;
    });
    // Before it is read: a correction meanwhile would be missed otherwise.
    const files = await FileWatch.start(root, onChange);
    try {
      const chosen = await read();
      if (chosen.ok) return chosen.value;
      refuse(chosen.error);
      say('waiting for it to be corrected');
      await changed;
    } finally {
      files.close();
    }
  }
}

async function choose(
  names: readonly string[],
  flags: WatchFlags,
  program: Program,
): Promise<Result<Chosen, Diagnostic[]>> {
  const readAt = Date.now();
  const suite = await readSuite(flags, program);
  if (!suite.ok) return suite;
  const { commands } = program;
  const plan = planRun(suite.value, names, { ...flags, commands, keepGoing: true, repeat: 1 });
  if (!plan.ok) return plan;
  if (plan.value.components.length === 0)
    return { ok: false, error: [{ message: 'nothing was selected, so there is nothing to run' }] };
  return { ok: true, value: { suite: suite.value, plan: { ...plan.value, isWatched: true }, readAt } };
}

const writtenAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

const KEYS: Readonly<Record<string, Wish>> = { a: 'all', f: 'failed', '\r': 'again', '\n': 'again' };
const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = {
  ...{ '\x03': 'SIGINT', '\x1a': 'SIGTSTP', '\x1c': 'SIGQUIT' },
};
const QUIT = 'q';
const KEYS_TEXT = 'a all · f failed · Enter again · q quit';

/** @returns how it ended; or that the suite is to be read again */
async function watchSuite(
  { suite, plan, readAt }: Chosen,
  flags: WatchFlags,
  program: Program,
): Promise<Outcome | 'reload'> {
  const tier = await openTier(flags.ownership, program.clock);
  if (!tier.ok) return refuse([tierDiagnostic(flags, tier.error)]);
  const paint = createPaint(wantsColor(process.stdout, process.env));
  const isAttended = wantsLive(process.stdout, process.env) && hasKeyboard(process.stdin);
  const tell = (line: string): void => {
    process.stdout.write(`${paint.dim(asLine(visible(`  ${line}`)))}\n`);
  };
  const rounds = new Rounds({
    root: plan.root,
    components: plan.components.map(({ component }) => component.name),
    isConfig: (path) => isOfSuite(path, suite),
    concernOf: async (paths) => (await concernsOf(plan)).of(paths),
    writtenAt,
    now: () => Date.now(),
    tell,
    tellEnd: async () => {
      await delay(STAMPED_WITHIN);
      tell(isAttended ? `waiting for changes · ${KEYS_TEXT}` : 'waiting for changes');
    },
  });
  const files = await FileWatch.start(plan.root, (paths) => rounds.changed(paths));
  const { source } = suite;
  // It may have changed since.
  if (source.type === 'config' && (writtenAt(source.file) ?? readAt) > readAt) rounds.changed([source.file]);
  if (files.failure !== undefined) tell(`not all files are watched: ${files.failure}`);
  const keyboard = isAttended
    ? keyboardFor(rounds, () => {
        if (rounds.quit()) tell(plan.shared.length === 0 ? 'ending' : 'ending, with what is up');
        else frontend.signals.quit(QUIT);
      })
    : undefined;
  const shown = createTerminalReport(process.stdout, process.env, program, { detail: detailOf(flags) });
  const terminal: TerminalReport = {
    sink: (event: Stamped) => {
      shown.sink(event);
      if (event.type === 'resumed') keyboard?.take();
    },
    leave: () => {
      shown.leave();
      keyboard?.leave();
    },
    close: shown.close,
  };
  const frontend = { terminal, signals: watchSignals(terminal.leave, program.lastResort) };
  const { course } = new Watched(rounds.next);
  try {
    const host = hostOf(frontend, tier.value, program);
    const outcome = await carryOut({ plan, course, reports: [] }, frontend, host);
    if (rounds.isReloading && !rounds.isOver && outcome.signal === undefined) return 'reload';
    return outcome.exitCode > 128 ? outcome : { exitCode: outcome.exitCode };
  } finally {
    files.close();
    keyboard?.close();
  }
}

/** @param onQuit called when a key is to end it */
const keyboardFor = (rounds: Rounds, onQuit: () => void): Keyboard =>
  new Keyboard(process.stdin, (input) => {
    for (const key of input) {
      if (key === QUIT) {
        onQuit();
        continue;
      }
      const signal = SIGNALS[key];
      const wish = KEYS[key];
      if (signal !== undefined) process.kill(process.pid, signal);
      else if (wish !== undefined) rounds.ask(wish);
    }
  });

/** Whether a file is the config; or, in a folder of scripts, may be a component. */
function isOfSuite(path: string, { source, components }: Suite): boolean {
  if (source.type === 'config') return path === source.file;
  if (source.type !== 'convention' || dirname(path) !== source.dir) return false;
  // What is edited is run again; what comes or goes makes it another suite.
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  const isNamed = components.some((each) => JSON.stringify(each).includes(JSON.stringify(path).slice(1, -1)));
  return isThere !== isNamed;
}

async function concernsOf(plan: Plan): Promise<Concerns> {
  const inputs = new Map<string, ReadonlySet<string>>();
  for (const shared of plan.shared) {
    if (shared.type !== 'task' || shared.step.inputs.length === 0) continue;
    const found = await Promise.all(shared.step.inputs.map((each) => globBelow(shared.step.cwd, each)));
    inputs.set(shared.name, new Set(found.flat()));
  }
  const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return new Concerns(plan, isFile, inputs);
}
