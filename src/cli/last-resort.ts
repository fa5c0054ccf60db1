/**
 * What is done when something happens that nobody expected: an exception, a promise that is rejected, a signal that has no
 * meaning here, a wait for nothing. What runs is stopped, so that every report gets its end; that is bounded. One line
 * tells of it, and the trace is kept in a file.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureFinding, StraySignal, traceOf, troubleOf } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import { visible } from '../core/harmless.ts';
import { EXIT_CODES, EXIT_CRASHED } from '../core/verdict.ts';
import { say } from './say.ts';

/** So long, in milliseconds, what runs may take to come to its end after that. */
const END_WITHIN = 40_000;

export class LastResort {
  readonly #version: string;
  readonly #giveUp: () => void;
  readonly #attendants = new Set<(crash: Finding) => void>();
  #crash: Finding | undefined;
  #hasStoodStill = false;

  #isTold = false;

  /** @param giveUp ends the process, whatever still runs */
  constructor(version: string, giveUp: () => void) {
    this.#version = version;
    this.#giveUp = giveUp;
  }

  /** From now on, what nobody catches comes here. */
  install(): void {
    process.on('uncaughtException', (error) => this.strike(error));
    process.on('beforeExit', () => this.#strikeAtStandstill());
  }

  /** The first of what happened. */
  get crash(): Finding | undefined {
    return this.#crash;
  }

  /** The exit code that it calls for; undefined when nothing happened. */
  get exitCode(): number | undefined {
    if (this.#crash === undefined) return undefined;
    return this.#crash.code === 'machine-trouble' ? EXIT_CODES.inconclusive : EXIT_CRASHED;
  }

  /**
   * @param onCrash stops what runs, so that it comes to its end; without anybody who could, the process ends at once
   * @returns takes that back
   */
  attend(onCrash: (crash: Finding) => void): () => void {
    this.#attendants.add(onCrash);
    return () => this.#attendants.delete(onCrash);
  }

  /** Something has happened that nobody expected. What follows from it is not told as well. */
  strike(error: unknown): void {
    if (this.#crash !== undefined) return;
    const isBug = troubleOf(error) === undefined && !(error instanceof StraySignal);
    const trace = isBug ? keepTrace(error, this.#version) : '';
    const crash = failureFinding(error, undefined, trace);
    this.#crash = crash;
    for (const onCrash of this.#attendants) onCrash(crash);
    if (this.#attendants.size === 0) this.#giveUp();
    else setTimeout(this.#giveUp, END_WITHIN).unref();
  }

  /**
   * Nothing is left that could happen, and there is no verdict. Who watches for that has a chance to do something; where
   * nobody does, we get here again.
   */
  #strikeAtStandstill(): void {
    if (this.#crash !== undefined) this.#giveUp();
    else if (this.#hasStoodStill)
      this.strike(new Error('nothing is left to wait for, but there is no verdict'));
    this.#hasStoodStill = true;
    setImmediate(() => {});
  }

  strikeBySignal(signal: NodeJS.Signals): void {
    this.strike(new StraySignal(signal));
  }

  /** Says what happened, in one line. */
  tell(): void {
    if (this.#crash === undefined || this.#isTold) return;
    this.#isTold = true;
    const { message, hint } = this.#crash;
    const where = `${this.#version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
    say(visible(`shakedown: ${message} (${where}); ${hint}`), process.stderr);
  }
}

/** @returns where it is kept: in words, for the end of a sentence */
function keepTrace(error: unknown, version: string): string {
  const path = join(tmpdir(), `shakedown-crash-${crypto.randomUUID()}.txt`);
  const facts = `shakedown ${version}, Node ${process.version}, ${process.platform} ${process.arch}`;
  try {
    writeFileSync(path, `${facts}\n${traceOf(error)}\n`, { flag: 'wx', mode: 0o600 });
    return path;
  } catch (failure) {
    return `no file, because ${path} cannot be written (${(failure as NodeJS.ErrnoException).code})`;
  }
}
