/**
 * No regular expression of the source takes more than linear time. Steps are counted and not time: a verdict of these
 * tests does not depend on the machine.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from '@babel/parser';
import { describe, expect, test } from 'vitest';
import { type Growth, hostileGrowths, StepCounter } from '../rig/backtracking.ts';
import { isThorough } from '../rig/thorough.ts';

const SRC = resolve(import.meta.dirname, '../../src');

interface Expression {
  readonly regex: RegExp;
  readonly where: string;
}

/** Every regular expression that is written as one in the source. */
function expressions(): Expression[] {
  const found = new Map<string, Expression>();
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const source = readFileSync(join(SRC, file), 'utf8');
    const visit = (node: unknown): void => {
      if (Array.isArray(node)) for (const each of node) visit(each);
      if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
      const { type, pattern, flags } = node as { type?: string; pattern?: string; flags?: string };
      if (type === 'RegExpLiteral' && pattern !== undefined) {
        const regex = new RegExp(pattern, flags);
        if (!found.has(String(regex))) found.set(String(regex), { regex, where: file });
      }
      for (const [key, value] of Object.entries(node)) if (key !== 'loc') visit(value);
    };
    visit(parse(source, { sourceType: 'module', plugins: ['typescript'] }).program);
  }
  return [...found.values()];
}

const textOf = ({ prefix, pump, suffix }: Growth, times: number): string =>
  `${prefix}${pump.repeat(times)}${suffix}`;

/** Twice the text may take little more than twice the steps; squares take four times as many. */
const MOST_GROWTH = 2.6;
const LENGTH = isThorough ? 200 : 100;
/** Steps for each character with which a text is not worth a second, longer look: squares take half its length and more. */
const FEW_STEPS = 6;

/** A growth by which an expression takes more than its share; undefined: none is known. */
function worst(regex: RegExp): string | undefined {
  const counter = new StepCounter(regex);
  for (const growth of hostileGrowths(regex)) {
    const times = Math.ceil(LENGTH / growth.pump.length);
    const text = textOf(growth, times);
    const once = counter.count(text);
    if (once < FEW_STEPS * text.length) continue;
    const twice = counter.count(textOf(growth, times * 2));
    if (twice / once > MOST_GROWTH) return `${JSON.stringify(growth)}: ${once} steps, twice as long ${twice}`;
  }
  return undefined;
}

describe('the count of steps', () => {
  test.each([
    /^\s+triggerUncaughtException\(/m,
    /[\r\n]+$/,
    /\s*x/,
    /a.*b.*c/,
    /^(?:.*\b)?x.*y$/,
    /(?:a|b)*c/,
    /foo\S+:\d+$/,
    /(a+)b\1c/,
  ])('tells that %s is not linear', (regex) => {
    expect(worst(regex)).toBeDefined();
  });

  test('tells that an expression doubles with each letter', () => {
    expect(() => new StepCounter(/^(?:a+)+$/).count(`${'a'.repeat(40)}b`)).toThrow(/over .* steps/);
  });

  test.each([/^a+b/, /"[^"]*"/, /^.*: x/, /foo \d+/, /x$/, /^(?<some>\d+) of \k<some>/])(
    'tells that %s is linear',
    (regex) => {
      expect(worst(regex)).toBeUndefined();
    },
  );
});

const all = expressions();

test('the expressions of the source are found', () => {
  expect(all.length).toBeGreaterThan(150);
  expect(all.some(({ where }) => where.endsWith('crash-reports.ts'))).toBe(true);
});

test.each(all.map(({ regex, where }) => [where, regex] as const))('%s: %s is linear', (_, regex) => {
  expect(worst(regex)).toBeUndefined();
});
