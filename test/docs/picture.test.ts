/** The pictures of a failure show what the program prints, and what its page looks like. */
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawTerminal, failure, linesOf, plainLines } from '../../scripts/failure.ts';
import { lookIn, lookOf, withLook } from '../../scripts/pictured.ts';
import { comparable, LIMIT, ROOT } from './blocks.ts';

const picture = readFileSync(join(ROOT, 'docs/failure.svg'), 'utf8');

test(
  'docs/failure.svg and docs/report-*.png are up to date; if not: npm run build && npm run picture',
  async () => {
    const { output, page } = await failure();
    const lines = comparable(linesOf(picture).join('\n'));
    expect(lines).toEqual(comparable(plainLines(output).join('\n')));
    expect(lines.join('\n')).toContain('FAILED 1 passed, 2 failed');
    for (const name of ['light', 'phone'])
      expect(lookIn(readFileSync(join(ROOT, `docs/report-${name}.png`))), name).toBe(lookOf(page));
  },
  LIMIT,
);

test('it names no machine and no user', () => {
  const { username, homedir } = userInfo();
  for (const name of [hostname(), homedir, `/${username}/`, '/tmp/']) expect(picture).not.toContain(name);
});

test('a terminal is drawn with its colours', () => {
  const drawn = drawTerminal('\u001b[31m✗\u001b[39m a <b> & \u001b[1mc\u001b[22m\nd\n');
  expect(drawn).toContain(
    '<tspan fill="#ff7b72">✗</tspan> a &lt;b&gt; &amp; <tspan font-weight="bold">c</tspan>',
  );
  expect(linesOf(drawn)).toEqual(['✗ a <b> & c', 'd']);
});

test('a picture of a page tells what it was made from: its words and its style, and not when that was', () => {
  const png = readFileSync(join(ROOT, 'docs/report-light.png'));
  const pageOf = (style: string, words: string, more = ''): string =>
    `<style>${style}</style><body><dd>2026</dd>${words}<section id="timeline"><svg>${more}</svg></section>${more}`;
  const look = lookOf(pageOf('a{}', 'it took 5 ms'));
  expect(lookIn(withLook(png.subarray(0, 8), look))).toBe(look);
  expect(lookOf(pageOf('a{}', 'it took 7.1 s', 'more'))).toBe(look);
  expect(lookOf(pageOf('a{}', 'it failed'))).not.toBe(look);
  expect(lookOf(pageOf('b{}', 'it took 5 ms'))).not.toBe(look);
});
