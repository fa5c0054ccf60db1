/** Whether everything written to standard output arrived. */
import { troubleOf } from '../core/failure.ts';
import { toJson, visible } from '../core/harmless.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { say } from './say.ts';

class StandardOutput {
  #failure: Error | undefined;
  #holdsTheResult = false;

  /** Records errors from now on. A reader that has gone (`| head`) is not an error, nor a reason to abort a run. */
  watch(): void {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.#failure ??= error;
    });
  }

  /** Writes a command's result: without it, the command was pointless. */
  deliver(text: string): void {
    this.#holdsTheResult = true;
    process.stdout.write(text);
  }

  /** Reports on standard error what could not be written, if anything. */
  tell(): void {
    if (this.#failure === undefined) return;
    const trouble = troubleOf(this.#failure);
    const what = this.#holdsTheResult ? ', so the result is lost or incomplete' : '';
    const message = `standard output could not be written: ${this.#failure.message}${what}`;
    say(visible(`shakedown: ${message}`), process.stderr);
    if (trouble !== undefined) say(visible(`  ${trouble.remedy}`), process.stderr);
  }

  /** @param exitCode of a command that has done its work; only a success changes */
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
