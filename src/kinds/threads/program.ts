/** Several copies of a program, released at the same moment: each must give the same as one that runs alone. */
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { MachineTrouble } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';
import { type Command, EXPECT_SUCCESS, showCommand } from '../../core/suite.ts';
import { registerChild } from '../../process/system/children.ts';
import type { ComponentContext } from '../common/context.ts';
import { runStep } from '../common/run-step.ts';
import type { ThreadsComponent, ThreadsTrial } from './component.ts';
import { openFolder } from './process.ts';

export type ProgramTrial = Extract<ThreadsTrial, { type: 'program' }>;

/** Reports that it is ready, waits until the gate opens, and becomes the program. */
const AT_THE_GATE = ': >"$0.ready" && : <"$GATE" && unset GATE && exec "$@" >"$0.out"';
const ALONE = 'exec "$@" >"$0.out"';

const LOOK_EVERY = 2;

const NO_MKFIFO = new MachineTrouble(
  'mkfifo is not installed, or not on the PATH: without it, copies cannot be released at the same moment',
  'install it (coreutils)',
);

/** What one run of the program printed to standard output, and its findings. */
interface Copy {
  readonly name: string;
  readonly output: Buffer;
  readonly findings: readonly Finding[];
}

export function runProgramTrial(
  trial: ProgramTrial,
  component: ThreadsComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  return new ProgramRun(trial, component.cwd, context).run();
}

class ProgramRun {
  readonly #trial: ProgramTrial;
  readonly #cwd: string;
  readonly #context: ComponentContext;
  readonly #folder: string;

  constructor(trial: ProgramTrial, cwd: string, context: ComponentContext) {
    this.#trial = trial;
    this.#cwd = cwd;
    this.#context = context;
    this.#folder = openFolder(context);
  }

  async run(): Promise<Finding[]> {
    const first = await this.#copy('alone-1', ALONE);
    if (first.findings.length > 0 || this.#context.signal.aborted) return [...first.findings];
    const second = await this.#copy('alone-2', ALONE);
    if (second.findings.length > 0 || this.#context.signal.aborted) return [...second.findings];
    const copies = await this.#copies();
    const failed = copies.flatMap(({ findings }) => findings);
    if (failed.length > 0 || this.#context.signal.aborted) return failed;
    return this.#isSame(first, second)
      ? this.#compare(first, copies)
      : [this.#nothingCompared(first, second)];
  }

  async #copies(): Promise<Copy[]> {
    const gate = join(this.#folder, 'gate');
    await makeFifo(gate);
    const names = Array.from({ length: this.#trial.copies }, (_, index) => `copy-${index + 1}`);
    let ended = 0;
    const running = names.map(async (name) => {
      const copy = await this.#copy(name, AT_THE_GATE, { GATE: gate });
      ended += 1;
      return copy;
    });
    const waiting = (): number => names.filter((name) => existsSync(this.#path(name, 'ready'))).length;
    while (waiting() < names.length && ended === 0) await delay(LOOK_EVERY);
    // Opened for reading and writing it never blocks, and all waiting readers are let through.
    const open = openSync(gate, 'r+');
    try {
      return await Promise.all(running);
    } finally {
      closeSync(open);
    }
  }

  async #copy(name: string, script: string, more: Readonly<Record<string, string>> = {}): Promise<Copy> {
    const { command } = this.#trial;
    const words = command.type === 'argv' ? command.argv : (['/bin/sh', '-c', command.line] as const);
    const gated: Command = {
      type: 'argv',
      argv: ['/bin/sh', '-c', script, join(this.#folder, name), ...words],
    };
    const env = { ...this.#context.env, ...more };
    const step = { name, command: gated, cwd: this.#cwd, env, expect: EXPECT_SUCCESS };
    const findings = await runStep(step, this.#context);
    const path = this.#path(name, 'out');
    return { name, findings, output: existsSync(path) ? readFileSync(path) : Buffer.alloc(0) };
  }

  #path(name: string, extension: string): string {
    return join(this.#folder, `${name}.${extension}`);
  }

  #isSame(one: Copy, other: Copy): boolean {
    if (one.output.equals(other.output)) return true;
    if (this.#trial.compare === 'bytes') return false;
    const [left, right] = [parse(one.output), parse(other.output)];
    return left !== undefined && right !== undefined && isDeepStrictEqual(left, right);
  }

  #compare(alone: Copy, copies: readonly Copy[]): Finding[] {
    const what = showCommand(this.#trial.command);
    if (alone.output.length === 0)
      return [
        {
          code: 'zero-work',
          message: `${what} printed nothing, so there is nothing that its copies could get wrong`,
          hint: 'have it print its result',
        },
      ];
    const wrong = copies.filter((copy) => !this.#isSame(alone, copy));
    const [first] = wrong;
    if (first === undefined) return [];
    return [
      {
        code: 'wrong-result',
        message: `${what} printed something different in ${wrong.length} of ${copies.length} copies that ran at once than it does alone`,
        evidence: firstDifference(alone, first),
        hint: `the same again: ${this.#context.reproduce}`,
        count: wrong.length,
      },
    ];
  }

  #nothingCompared(first: Copy, second: Copy): Finding {
    return {
      code: 'nothing-compared',
      message: `${showCommand(this.#trial.command)} prints something different each time it runs alone, so its copies could not be compared`,
      evidence: firstDifference(first, second),
      hint: 'leave times, names and numbers that vary out of its output',
    };
  }
}

function parse(output: Buffer): unknown {
  try {
    return JSON.parse(output.toString('utf8'));
  } catch {
    return undefined;
  }
}

const LONGEST = 160;

/** The first line in which two outputs differ. */
function firstDifference(one: Copy, other: Copy): string[] {
  const [left, right] = [one, other].map(({ output }) => output.toString('utf8').split('\n'));
  const line = (left ?? []).findIndex((text, index) => text !== right?.[index]);
  const at = line === -1 ? (left?.length ?? 0) : line;
  return [
    `line ${at + 1} of ${one.name}: ${(left?.[at] ?? '(no such line)').slice(0, LONGEST)}`,
    `line ${at + 1} of ${other.name}: ${(right?.[at] ?? '(no such line)').slice(0, LONGEST)}`,
  ];
}

async function makeFifo(path: string): Promise<void> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    registerChild(
      execFile('mkfifo', [path], (error) => {
        if (error === null) resolve();
        else reject((error as NodeJS.ErrnoException).code === 'ENOENT' ? NO_MKFIFO : error);
      }),
    );
  });
}
