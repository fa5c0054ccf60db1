/** Carries out what a dead run could not undo: one after another, each in an enclosure and with a log of its own. */
import { existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { headline } from '../../core/headline.ts';
import { TIER_CHOICES } from '../../core/ownership.ts';
import { secrets } from '../../core/secrets.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import { type UndoFailure, undoOwner } from '../../core/undo.ts';
import { formatDuration, type Ms } from '../../core/units.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { PRIVATE_FILE } from '../../store/ours.ts';
import type { LeftUndo, UndoFile } from '../../store/undo-file.ts';
import { ComponentLog } from '../output/log.ts';
import { PipeSource } from '../output/pipe-source.ts';
import { OutputScanner } from '../output/scanner.ts';
import { Owner, type OwnerContext } from '../ownership/owner.ts';
import { openTier } from '../ownership/tiers/choose.ts';
import { MARKS_ONLY } from '../ownership/tiers/marks-only.ts';
import type { Tier } from '../ownership/tiers/tier.ts';
import { describeExit } from '../system/exit.ts';

/** What became of it. */
export interface UndoReport {
  readonly left: LeftUndo;
  /** Undefined: it is undone, or would be. */
  readonly failure: UndoFailure | undefined;
}

/** How long processes get to end that an undo has left, or that have not ended in time. */
const GRACE = 1000 as Ms;

const SEARCHED_LINES = 400;

/** Where the processes of an undo leave their marks and their output. */
interface Scene {
  readonly directory: OwnerContext['directory'];
  readonly logs: string;
  readonly leave: () => void;
}

/** @param path the run's folder; another one stands in for it if it is gone */
function openScene(run: string, path: string): Scene {
  const isThere = existsSync(path);
  const base = isThere ? path : mkdtempSync(join(tmpdir(), 'shakedown-undo-'));
  const [leases, logs] = [join(base, 'leases'), join(base, 'logs')];
  for (const folder of [leases, logs]) makeFolder(folder);
  const openLease = (owner: string): number => openSync(join(leases, owner), 'a', PRIVATE_FILE);
  const leave = (): void => rmSync(isThere ? leases : base, { recursive: true, force: true });
  return { directory: { run, leases, openLease }, logs, leave };
}

/** The tier that the run used, if the machine still permits it. */
async function tierOf({ terms }: LeftUndo, clock: Clock): Promise<Tier> {
  const name = TIER_CHOICES.find((choice) => choice === terms.tier);
  const tier = name === undefined ? undefined : await openTier(name, clock);
  return tier?.ok === true ? tier.value : MARKS_ONLY;
}

/**
 * @param run id of a dead run, whose processes have been ended
 * @param path absolute path of its folder
 * @param left in the order in which they are carried out
 * @param file where it is noted
 */
export async function undoLeft(
  run: string,
  path: string,
  left: readonly LeftUndo[],
  file: UndoFile,
  clock: Clock,
): Promise<UndoReport[]> {
  const [first] = left;
  if (first === undefined) return [];
  const scene = openScene(run, path);
  const tier = await tierOf(first, clock);
  const pipes = new PipeSource(scene.directory.leases);
  const reports: UndoReport[] = [];
  try {
    for (const each of left) {
      const failure = await carryOut(each, { ...scene, tier, pipes, clock }).catch((error: unknown) => ({
        ...NO_EXIT,
        message: `the ${each.undo.title} could not be carried out: ${(error as Error).message}`,
      }));
      if (failure === undefined) file.done(each.id);
      else file.failed(each.id, failure);
      reports.push({ left: each, failure });
    }
  } finally {
    await pipes.close();
    await tier.close();
    scene.leave();
  }
  return reports;
}

interface Means extends Scene {
  readonly tier: Tier;
  readonly pipes: PipeSource;
  readonly clock: Clock;
}

async function carryOut(
  { id, undo, terms }: LeftUndo,
  { tier, pipes, clock, directory, logs }: Means,
): Promise<UndoFailure | undefined> {
  secrets.name(terms.secrets);
  secrets.learnEnvironment(undo.env);
  const { title, command, cwd, env, timeout } = undo;
  const log = new ComponentLog(join(logs, `${id}.log`));
  const enclosure = await tier.open(title);
  try {
    const context = { component: title, directory, pipes, enclosure, clock };
    const owner = new Owner(context, undoOwner(undo, id));
    const scanner = new OutputScanner([]);
    const started = await owner.spawn(command, { cwd, env, sink: { speaker: undo.kind, log, scanner } });
    if (!started.ok) {
      await owner.end(0 as Ms);
      return { ...NO_EXIT, message: `the ${title} could not start: ${started.error.message}` };
    }
    const limit = new AbortController();
    const disarm = clock.after(timeout, () => limit.abort());
    const exit = await untilAborted(started.value.exited, limit.signal);
    disarm();
    await owner.end(GRACE);
    return failureOf(undo, exit, scanner);
  } finally {
    await enclosure.close();
    log.close();
  }
}

const NO_EXIT = { exitCode: null, signal: null };

function failureOf(
  { title, timeout }: LeftUndo['undo'],
  exit: Parameters<typeof describeExit>[0] | undefined,
  scanner: OutputScanner,
): UndoFailure | undefined {
  if (exit?.code === 0) return undefined;
  const cause = headline(scanner.tail(SEARCHED_LINES));
  const last = cause === undefined ? ' and printed nothing' : `: ${secrets.conceal(cause)}`;
  const how =
    exit === undefined
      ? `did not finish within ${formatDuration(timeout)} and was stopped`
      : describeExit(exit);
  return {
    exitCode: exit?.code ?? null,
    signal: exit?.signal ?? null,
    message: `the ${title} ${how}${last}`,
  };
}
