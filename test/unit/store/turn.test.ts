/** Of several programs that would do the same, one does at a time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Turn, takeTurn } from '../../../src/store/turn.ts';

let dir: string;
let stem: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'turn-'));
  stem = join(dir, 'step');
});
afterEach(() => rmSync(dir, { recursive: true }));

type Lives = (holder: string) => boolean;
const always: Lives = () => true;
const never: Lives = () => false;

function taken(self: string, lives = always): Turn {
  const turn = takeTurn(stem, self, lives);
  if (typeof turn === 'string') throw new Error(`${turn} has it`);
  return turn;
}

test('whoever comes second is told who has it, until that turn is over', () => {
  const first = taken('one');
  expect(takeTurn(stem, 'two', always)).toBe('one');
  expect(typeof takeTurn(join(dir, 'other'), 'two', always)).toBe('object');
  first.end();
  const second = taken('two');
  expect(takeTurn(stem, 'three', always)).toBe('two');
  second.end();
});

test('a holder that is dead has none', () => {
  taken('one');
  expect(takeTurn(stem, 'two', always)).toBe('one');
  taken('two', (holder) => holder !== 'one');
  expect(takeTurn(stem, 'three', always)).toBe('two');
});

test('the end of a turn that was taken away does not end the next', () => {
  const first = taken('one');
  taken('two', never);
  first.end();
  expect(takeTurn(stem, 'three', always)).toBe('two');
});

test('one file is left of any number of turns', () => {
  for (let turn = 0; turn < 20; turn++) taken(`run ${turn}`).end();
  const left = readdirSync(dir);
  expect(left).toHaveLength(1);
  // What walks through the project must be able to look at it.
  for (const name of left) expect(statSync(join(dir, name)).isFile()).toBe(true);
  writeFileSync(join(dir, 'step.turn-x'), '');
  writeFileSync(join(dir, 'stepping.turn-99'), '');
  writeFileSync(join(dir, 'step.turn-021'), 'somebody');
  expect(typeof takeTurn(stem, 'last', always)).toBe('object');
});

test('many processes at once, some of whose holders seem dead: never two have it', async () => {
  const script = `
    import { appendFileSync, openSync, closeSync, unlinkSync } from 'node:fs';
    import { takeTurn } from ${JSON.stringify(join(import.meta.dirname, '../../../src/store/turn.ts'))};
    const [stem, self] = process.argv.slice(1);
    for (let done = 0; done < 40; ) {
      const turn = takeTurn(stem, self + '-' + done, (holder) => !holder.endsWith('-dead'));
      if (typeof turn === 'string') continue;
      closeSync(openSync(stem + '.held', 'wx'));
      appendFileSync(stem + '.log', 'x');
      unlinkSync(stem + '.held');
      turn.end();
      done += 1;
      // Somebody takes a turn and never ends it.
      takeTurn(stem, self + '-dead', (holder) => !holder.endsWith('-dead'));
    }`;
  const children = ['a', 'b', 'c'].map((name) =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, stem, name], {
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(`${stem}.log`, 'utf8')).toHaveLength(120);
});
