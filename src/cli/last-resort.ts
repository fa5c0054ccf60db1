/**
 * Handles the unexpected: an exception, an unhandled rejection, a signal without meaning here, a deadlock. It stops
 * what is running, within bounds, so that every report is completed. It prints one line, and keeps the stack trace in a
 * file.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureFinding, StraySignal, traceOf, troubleOf } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import { visible } from '../core/harmless.ts';
import { EXIT_CODES, EXIT_CRASHED } from '../core/verdict.ts';
import { say } from './say.ts';

/** In milliseconds: how long what is running may take to end after that. */
const END_WITHIN = 40_000;

export class LastResort {
  readonly #version: string;
  readonly #giveUp: () => void;
  readonly #attendants = new Set<(crash: Finding) => void>();
  #crash: Finding | undefined;
  #hasStoodStill = false;

  #isTold = false;

  /** @param giveUp ends the process, whatever is still running */
  constructor(version: string, giveUp: () => void) {
    this.#version = version;
    this.#giveUp = giveUp;
  }

  /** From now on, anything uncaught comes here. */
  install(): void {
    process.on('uncaughtException', (error) => this.strike(error));
    process.on('beforeExit', () => this.#strikeAtStandstill());
  }

  /** The first unexpected event. */
  get crash(): Finding | undefined {
    return this.#crash;
  }

  /** The exit code that it requires; undefined when there was none. */
  get exitCode(): number | undefined {
    if (this.#crash === undefined) return undefined;
    return this.#crash.code === 'machine-trouble' ? EXIT_CODES.inconclusive : EXIT_CRASHED;
  }

  /**
   * @param onCrash stops what is running; without any such handler, the process exits at once
   * @returns removes the handler
   */
  attend(onCrash: (crash: Finding) => void): () => void {
    this.#attendants.add(onCrash);
    return () => this.#attendants.delete(onCrash);
  }

  /** Handles an unexpected event. Its consequences are not reported as well. */
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

  /** The event loop is empty, and there is no verdict. Listeners may react; without any, we get here again. */
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

/** @returns the file, in words, for the end of a sentence */
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
