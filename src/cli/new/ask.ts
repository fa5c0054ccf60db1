/** Questions on a terminal. */
import { createInterface } from 'node:readline';
import { visible } from '../../core/harmless.ts';
import type { Answers, Question } from '../../starter/proposal.ts';
import { say } from '../say.ts';

/** The user has left: by Ctrl-C, or by the end of the input. */
export const LEFT = Symbol('left');

/** Whether there is somebody to ask. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true;

/** Reads one line. */
function line(prompt: string): Promise<string | typeof LEFT> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((resolve) => {
    // Ctrl-C closes it as well.
    terminal.once('close', () => resolve(LEFT));
    terminal.question(visible(prompt), (answer) => {
      resolve(answer.trim());
      terminal.close();
    });
  });
}

/** @returns the answer; the default for an empty one */
export async function confirm(question: string, byDefault: boolean): Promise<boolean | typeof LEFT> {
  for (;;) {
    const answer = await line(`${question} ${byDefault ? '[Y/n]' : '[y/N]'} `);
    if (answer === LEFT) return LEFT;
    if (answer === '') return byDefault;
    if (/^y(?:es)?$/i.test(answer)) return true;
    if (/^no?$/i.test(answer)) return false;
  }
}

/** @returns the index of the option; an empty answer means the first one */
async function choose({ text, options }: Question): Promise<number | typeof LEFT> {
  say(text);
  for (const [index, option] of options.entries()) say(`  ${index + 1}  ${option}`);
  for (;;) {
    const answer = await line('[1] ');
    if (answer === LEFT) return LEFT;
    const place = answer === '' ? 1 : Number(answer);
    if (Number.isInteger(place) && place >= 1 && place <= options.length) return place - 1;
  }
}

export async function askAll(questions: readonly Question[]): Promise<Answers | typeof LEFT> {
  const answers: Record<string, number> = {};
  for (const question of questions) {
    const answer = await choose(question);
    if (answer === LEFT) return LEFT;
    answers[question.id] = answer;
  }
  return answers;
}

/** @returns a command; undefined when none was given */
export async function askCommand(question: string): Promise<string | undefined | typeof LEFT> {
  const answer = await line(`${question} `);
  return answer === '' ? undefined : answer;
}
