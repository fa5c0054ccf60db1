import { describe, expect, test } from 'vitest';
import type { Pattern } from '../../../src/core/pattern.ts';
import { judgeOutput, outputWatches } from '../../../src/process/output/judge.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import {
  BoundedPattern,
  linePattern,
  STEPS_BY_THE_WATCH,
  worstDegree,
} from '../../../src/text/bounded-pattern.ts';
import { isThorough } from '../../rig/thorough.ts';

const regex = (source: string, flags = ''): Pattern => ({ type: 'regex', source, flags });
/** Doubles its steps with each letter. */
const EXPONENTIAL = regex('^(?:a+)+$');
const HOSTILE = `${'a'.repeat(60)}b`;

describe('how bad it can become', () => {
  test.each([
    ['ready', 1],
    ['^ready on (?:one|two)[+*]$', 1],
    [String.raw`\+\*\?\{`, 1],
    [String.raw`port \d+`, 2],
    ['^.*: .*$', 3],
    ['a{2,5}b?', 3],
    ['(?:ab)+', 2],
    ['(?<name>a+)', 2],
    ['(?:a+)+', Number.POSITIVE_INFINITY],
    ['(?:a|aa)*', Number.POSITIVE_INFINITY],
    ['(?:(?:a*)b)*', Number.POSITIVE_INFINITY],
    ['(?:a?){20}', Number.POSITIVE_INFINITY],
    [String.raw`(a)\1`, Number.POSITIVE_INFINITY],
    [String.raw`(?<x>a)\k<x>`, Number.POSITIVE_INFINITY],
  ])('%s: %s', (source, degree) => {
    expect(worstDegree(source)).toBe(degree);
  });
});

describe('a pattern of a user', () => {
  test('finds what it would find without a bound, in lines of any length', () => {
    const lines = ['port 1', 'no', `${'x'.repeat(5000)} port 22`, '', `${'y'.repeat(5000)} no`, 'port 3'];
    expect(new BoundedPattern(regex(String.raw`port \d+$`)).matching(lines)).toEqual([0, 2, 5]);
    expect(new BoundedPattern(regex(String.raw`^(?:port|no)(?: |\d)*$`)).matching(lines)).toEqual([0, 1, 5]);
  });

  test('is given up when it takes too long, and is not tried again', () => {
    const pattern = new BoundedPattern(EXPONENTIAL);
    expect(pattern.matching(['aaa', HOSTILE, 'aaa'])).toEqual([0]);
    expect(pattern.isGivenUp).toBe(true);
    expect(pattern.shown).toBe('/^(?:a+)+$/');
    expect(pattern.test('aaa')).toBe(false);
  });

  test('is given up when it takes not long but often', () => {
    const pattern = new BoundedPattern(regex('x*x*x*x*y'));
    const line = 'x'.repeat(250);
    for (let times = 0; times < 10_000 && !pattern.isGivenUp; times += 1) pattern.test(line);
    expect(pattern.isGivenUp).toBe(true);
  });

  test.runIf(isThorough)('is given up as well when more steps may be taken by the watch', () => {
    const pattern = new BoundedPattern(regex('x*x*y'), { steps: STEPS_BY_THE_WATCH });
    const line = 'x'.repeat(200);
    expect(line.length ** 3).toBeLessThan(STEPS_BY_THE_WATCH);
    for (let times = 0; times < 100_000 && !pattern.isGivenUp; times += 1) pattern.test(line);
    expect(pattern.isGivenUp).toBe(true);
  });

  test.runIf(isThorough)('that is tried very often, and never takes long, is kept', () => {
    for (const source of ['^(?:a|b)+$', String.raw`"ok":\s*true`]) {
      const pattern = new BoundedPattern(regex(source), { steps: STEPS_BY_THE_WATCH });
      for (let times = 0; times < 20_000; times += 1) pattern.test('ab');
      for (let times = 0; times < 20_000; times += 1) pattern.test(`${' '.repeat(400)}"ok": true`);
      expect(pattern.isGivenUp).toBe(false);
    }
  });

  test('that is a text needs no bound', () => {
    expect(linePattern({ type: 'text', text: '(a+)+' }).test('x (a+)+ y')).toBe(true);
  });
});

describe('an output that a pattern takes too long for', () => {
  const judge = (expectation: Partial<Record<'output' | 'forbid' | 'allow', Pattern[]>>) => {
    const expected = { exitCodes: [0], output: [], forbid: [], allow: [], ...expectation };
    const scanner = new OutputScanner(outputWatches(expected), expected.allow.map(linePattern));
    scanner.push(Buffer.from(`up\n${HOSTILE}\n`.repeat(3)));
    scanner.end();
    return judgeOutput(scanner, expected, { name: 'step', exitCode: 0 });
  };
  const slow = expect.objectContaining({
    code: 'slow-pattern',
    pattern: '/^(?:a+)+$/',
    message: '/^(?:a+)+$/ took too long on the output of step and was given up',
  });

  test('is not judged by it, and that is told', () => {
    expect(judge({ forbid: [EXPONENTIAL] })).toEqual([slow]);
    expect(judge({ output: [EXPONENTIAL] })).toEqual([slow]);
  });

  test('nor are its lines forgiven by it', () => {
    const findings = judge({ forbid: [regex('aaaab$')], allow: [EXPONENTIAL] });
    expect(findings).toEqual([expect.objectContaining({ code: 'forbidden-output', count: 3 }), slow]);
  });

  test.runIf(isThorough)('is judged by the other patterns', () => {
    expect(judge({ output: [EXPONENTIAL, regex('^up$')], forbid: [regex('down')] })).toEqual([slow]);
  });
});
