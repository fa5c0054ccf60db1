/** The picture of a failure shows what the program prints. */
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawTerminal, failureOutput, linesOf, plainLines } from '../../scripts/failure.ts';
import { comparable, LIMIT, ROOT } from './blocks.ts';

const picture = readFileSync(join(ROOT, 'docs/failure.svg'), 'utf8');

test(
  'docs/failure.svg is up to date; if not: npm run build && npm run picture',
  async () => {
    const lines = comparable(linesOf(picture).join('\n'));
    expect(lines).toEqual(comparable(plainLines(await failureOutput()).join('\n')));
    expect(lines.join('\n')).toContain('FAILED 1 passed, 2 failed');
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
