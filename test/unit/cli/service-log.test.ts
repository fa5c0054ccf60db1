/** What of a log a service itself has printed. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ServiceLog } from '../../../src/cli/up/service-log.ts';

function logOf(...parts: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'api.log');
  const log = new ServiceLog('api', path);
  const lines = parts.flatMap((part) => {
    appendFileSync(path, part);
    return log.lines();
  });
  return [...lines, ...log.end()];
}

test('headings and what probes say are left out; what it prints that looks like one is not', () => {
  expect(
    logOf(
      '==> api <==\none\n',
      '\n',
      '\n==> api probe <==\nno response\n\n==> api <==\n',
      'two\n\n==> other <==\nthree\n',
    ),
  ).toEqual(['one', '', 'two', '', '==> other <==', 'three']);
});

test('empty lines stay, also at the end', () => {
  expect(logOf('==> api <==\none\n\n\n', 'two\n\n')).toEqual(['one', '', '', 'two', '']);
});

test('control bytes do nothing', () => {
  expect(logOf('==> api <==\n\x1b[31mred\x1b[0m\x07 \x1b]0;title\x07x\n')).toEqual(['red x']);
});
