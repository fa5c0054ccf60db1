/** A word of a load means the same in a config, in `runLoad` and as a flag: what one refuses, the others refuse. */
import { Command } from 'commander';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { flagOf, loadOptions } from '../../../src/cli/load-flags.ts';
import { runLoad } from '../../../src/config/run-load.ts';
import { LoadRequestSchema, LoadSchema, LoadStageSchema } from '../../../src/load/options/options.ts';
import { MOST, plainWords, type Word } from '../../../src/load/options/words.ts';

const command = (): Command =>
  loadOptions(new Command('load').argument('<url>'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });

function takesFlag(name: string, text: string): boolean {
  try {
    command().parse(['http://localhost', flagOf([name]), text], { from: 'user' });
    return true;
  } catch {
    return false;
  }
}

/** What is tried with a word of each form: some of it right, some wrong. */
function valuesOf(word: Word): (number | string)[] {
  switch (word.form) {
    case 'whole':
      return [word.least - 1, word.least, word.least + 0.5, word.most, word.most + 1];
    case 'rate':
      return [0, 0.5, MOST, MOST + 1];
    case 'choice':
      return [...word.choices, 'other', ''];
    case 'duration':
      return ['5s', '0.5m', '0s', '5', '', 'soon'];
    case 'text':
      return ['x', ''];
    case 'switch':
    case 'texts':
      return [];
  }
}

test.each(plainWords())('a flag takes of `%s` what a config takes', (name, word) => {
  for (const value of valuesOf(word))
    expect([value, takesFlag(name, String(value))]).toEqual([
      value,
      v.safeParse(LoadSchema, { kind: 'load', [name]: value }).success,
    ]);
});

test('among the values are right ones and wrong ones', () => {
  const tried = plainWords().flatMap(([name, word]) =>
    valuesOf(word).map((value) => v.safeParse(LoadSchema, { kind: 'load', [name]: value }).success),
  );
  expect(tried.filter((isRight) => isRight).length).toBeGreaterThan(30);
  expect(tried.filter((isRight) => !isRight).length).toBeGreaterThan(30);
});

test('a load of the library refuses what the flags refuse, all of it at once', async () => {
  const wrong = { pipelining: 1001, workers: 257, rate: MOST + 1, unix: '' };
  const error = await runLoad({ url: 'http://localhost:1', ...wrong }).catch(({ message }: Error) => message);
  for (const name of Object.keys(wrong)) expect(error).toMatch(new RegExp(`^${name}: `, 'm'));
});

test('no number of anything is endless', () => {
  const stage = (level: object): object => ({ duration: '1s', to: 1, ...level });
  for (const endless of [Number.POSITIVE_INFINITY, MOST + 1]) {
    expect(v.safeParse(LoadStageSchema, stage({ to: endless })).success).toBe(false);
    expect(v.safeParse(LoadStageSchema, stage({ from: endless })).success).toBe(false);
    expect(v.safeParse(LoadRequestSchema, { path: '/', weight: endless }).success).toBe(false);
  }
});

test('the help tells the defaults of the words', () => {
  const help = command().helpInformation();
  expect(help).toContain('how long a response may take (default: 10s)');
  expect(help).not.toContain('{}');
  for (const [name, { says, default: value }] of plainWords())
    if (says.includes('{}'))
      expect(help.replace(/\s+/g, ' '), name).toContain(says.replace('{}', String(value)));
});
