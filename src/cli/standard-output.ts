/** Whether what was written to standard output has come to stand there. */
import { troubleOf } from '../core/failure.ts';
import { toJson, visible } from '../core/harmless.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { say } from './say.ts';

class StandardOutput {
  #failure: Error | undefined;
  #holdsTheResult = false;

  /** From now on errors are noted. A reader that has gone (`| head`) is none, and no reason to leave a run without an end. */
  watch(): void {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.#failure ??= error;
    });
  }

  /** Writes what the command was called for: without it nothing was gained. */
  deliver(text: string): void {
    this.#holdsTheResult = true;
    process.stdout.write(text);
  }

  /** Tells on standard error what could not be written, if so. */
  tell(): void {
    if (this.#failure === undefined) return;
    const trouble = troubleOf(this.#failure);
    const what = this.#holdsTheResult ? ', so the result is lost or incomplete' : '';
    const message = `standard output could not be written: ${this.#failure.message}${what}`;
    say(visible(`shakedown: ${message}`), process.stderr);
    if (trouble !== undefined) say(visible(`  ${trouble.remedy}`), process.stderr);
  }

  /** @param exitCode of a command that has done its work; only a success is no longer one */
  exitCode(exitCode: number): number {
    const isLost = this.#failure !== undefined && this.#holdsTheResult;
    return isLost && exitCode === EXIT_CODES.passed ? EXIT_CODES.inconclusive : exitCode;
  }
}

/** There is one for the whole process. */
export const standardOutput = new StandardOutput();

/** Writes the result of a command as JSON. */
export const deliverJson = (value: unknown): void =>
  standardOutput.deliver(`${toJson(value, undefined, 2)}\n`);
