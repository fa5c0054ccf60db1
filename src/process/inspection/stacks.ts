/** Asks processes that are about to be ended for the stacks of their threads. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import { asTree, type Runtime, type Stack } from '../../core/snapshot.ts';
import { visibleLine } from '../output/visible-line.ts';
import { signal } from '../ownership/terminate.ts';
import { isAlive, type ProcessInfo } from '../system/proc.ts';
import type { OwnedStep } from './owned-step.ts';
import { type Convention, conventionOf } from './runtime.ts';

/** In milliseconds, for all of them together: after that they are ended, stacks or not. */
const BUDGET = 1000;
/** In milliseconds: a runtime starts to answer within this time, or never. */
const FIRST_WORD_WITHIN = 400;
/** In milliseconds: its answer ends when it has printed nothing for this long. */
const SILENCE = 50;
const LOOK_EVERY = 5;
/** A Java server has hundreds of threads. What is cut here is in the log. */
const KEPT_BYTES = 256 * 1024;
const KEPT_LINES = 60;

/**
 * Asks each process of these steps for the stacks of its threads, one after another since they share a pipe. The
 * answers are cut out of their output, but stay in the log; some runtimes exit on being asked.
 *
 * @param hurry ends it early
 * @returns what was answered within a second in all; processes whose runtime is not known to answer are not asked
 */
export async function askForStacks(
  steps: readonly OwnedStep[],
  clock: Clock,
  hurry: AbortSignal,
): Promise<Stack[]> {
  const deadline = clock.now() + BUDGET;
  const stacks: Stack[] = [];
  for (const { owner, scanner } of steps) {
    const answer = new Answer();
    for (const { process } of asTree(owner.members())) {
      const convention = conventionOf(process.pid);
      if (convention === undefined || hurry.aborted || clock.now() >= deadline) continue;
      answer.clear();
      scanner.divert((chunk) => answer.add(chunk, clock.now()));
      await ask(process, convention, answer, { clock, deadline, hurry });
      const lines = excerpt(answer.lines(), convention.runtime);
      if (lines.length > 0) stacks.push({ pid: process.pid, runtime: convention.runtime, lines });
    }
  }
  return stacks;
}

/** What a process has printed since it was asked. */
class Answer {
  #chunks: Buffer[] = [];
  #length = 0;
  lastAt: number | undefined;

  clear(): void {
    this.#chunks = [];
    this.#length = 0;
    this.lastAt = undefined;
  }

  /** @param chunk is reused by the caller afterwards */
  add(chunk: Buffer, at: number): void {
    this.lastAt = at;
    if (this.#length < KEPT_BYTES) this.#chunks.push(Buffer.from(chunk));
    this.#length += chunk.length;
  }

  lines(): string[] {
    return Buffer.concat(this.#chunks)
      .toString('utf8')
      .split('\n')
      .map((line) => visibleLine(line));
  }
}

async function ask(
  process: ProcessInfo,
  convention: Convention,
  answer: Answer,
  { clock, deadline, hurry }: { clock: Clock; deadline: number; hurry: AbortSignal },
): Promise<void> {
  const askedAt = clock.now();
  signal(process, convention.signal);
  while (!hurry.aborted) {
    await delay(LOOK_EVERY);
    const now = clock.now();
    const isOver =
      answer.lastAt === undefined
        ? now - askedAt >= (isAlive(process) ? FIRST_WORD_WITHIN : SILENCE)
        : now - answer.lastAt >= SILENCE;
    if (isOver || now >= deadline) return;
  }
}

const PYTHON_THREAD = /^(?:Current thread|Thread) 0x/;
/** Goroutine 0 is the scheduler. */
const GOROUTINE = /^goroutine [1-9]/;
const GO_CALL_OF_THE_PROGRAM = /^(?!runtime\.|created by )\S.*\(/;
/** Threads of every JVM that run Java code of its own. */
const JVM_THREAD = /^"(?:Reference Handler|Finalizer|Common-Cleaner)"/;

/** Which paragraphs of an answer are about the program. The others are about the runtime itself. */
const IS_TELLING: Readonly<Record<Runtime, (head: string, calls: readonly string[]) => boolean>> = {
  python: (head) => PYTHON_THREAD.test(head),
  go: (head, calls) => GOROUTINE.test(head) && calls.some((line) => GO_CALL_OF_THE_PROGRAM.test(line)),
  java: (head, calls) =>
    head.startsWith('"') && !JVM_THREAD.test(head) && calls.some((line) => line.startsWith('\tat ')),
};

/** The stacks of a program's own threads in its runtime's answer, within a line limit. */
export function excerpt(lines: readonly string[], runtime: Runtime): string[] {
  const telling = paragraphsOf(lines)
    .filter(([head = '', ...calls]) => IS_TELLING[runtime](head, calls))
    // The shell's report of a Python's death directly follows its last line.
    .map(([head = '', ...calls]) => [
      head,
      ...calls.filter((line) => runtime !== 'python' || /^\s/.test(line)),
    ])
    .flatMap((paragraph, index) => (index === 0 ? paragraph : ['', ...paragraph]));
  if (telling.length <= KEPT_LINES) return telling;
  return [...telling.slice(0, KEPT_LINES), `… ${telling.length - KEPT_LINES} more lines in the log`];
}

function paragraphsOf(lines: readonly string[]): string[][] {
  const paragraphs: string[][] = [[]];
  for (const line of lines) {
    if (line.trim() === '') paragraphs.push([]);
    else paragraphs.at(-1)?.push(line);
  }
  return paragraphs.filter((paragraph) => paragraph.length > 0);
}
