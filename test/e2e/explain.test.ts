import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { plainText, wrap } from '../../src/text/prose.ts';
import { CLI } from '../rig/rig.ts';

function shakedown(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
}

test('a finding is explained: what it does, what it means, why, and what to do', () => {
  const { status, stdout } = shakedown('explain', 'exit-code', 'swept', 'exit-code');
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^exit-code: fails the component\n\n {2}A command [\s\S]+\n\n {2}Why: [\s\S]+\n\n {2}What to do: [\s\S]+\n\nswept: a note/,
  );
  expect(stdout.match(/^exit-code:/gm)).toHaveLength(1);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(88);
});

test('an unknown code is refused with the one that was probably meant', () => {
  const { status, stdout, stderr } = shakedown('explain', 'exit-cod', 'killed');
  expect([status, stdout, stderr]).toEqual([
    2,
    '',
    'shakedown: there is no finding "exit-cod"\n  did you mean "exit-code"?\n',
  ]);
  expect(shakedown('explain', 'xyzzy').stderr).toContain('shakedown explain lists them all');
});

test('without a code all are listed', () => {
  const { status, stdout } = shakedown('explain');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Commands and setup steps\n {2}exit-code +failed\n/);
  expect(stdout).toMatch(/\n {2}start-profile +note\n/);
});

test('codes are completed', () => {
  expect(shakedown('complete', '--', 'explain', 'exit').stdout).toContain('exit-code');
});

test('prose of Markdown is shown without its links, in lines that fit', () => {
  expect(plainText('see [`killed`](#killed) and [Load](load.md#in-a-suite)')).toBe(
    'see `killed` and Load (docs/load.md)',
  );
  expect(wrap('one two three four', 10, '  ')).toEqual(['  one two', '  three', '  four']);
  expect(wrap('longer-than-a-line x', 8, '  ')).toEqual(['  longer-than-a-line', '  x']);
});
