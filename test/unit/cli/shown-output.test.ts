/** What components print, as `--verbose` passes it on. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ShownOutput } from '../../../src/cli/shown-output.ts';
import type { RunEvent, Stamped } from '../../../src/core/event.ts';
import { createPaint } from '../../../src/text/paint.ts';
import { begin, end } from '../report/runs.ts';

function open() {
  const folder = mkdtempSync(join(tmpdir(), 'shown-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let now = 0;
  const output = new ShownOutput(createPaint(false), folder, () => now);
  const take = (event: RunEvent): string[] => output.before({ ...event, seq: 0, elapsedMs: 0 } as Stamped);
  return {
    take,
    output,
    start: (component: string): void => {
      for (const event of begin(component, 'http'))
        take({ ...event, logFile: join(folder, `${component}.log`) } as RunEvent);
    },
    print: (component: string, text: string): void => appendFileSync(join(folder, `${component}.log`), text),
    pass: (ms: number): void => {
      now += ms;
    },
  };
}

test('each line is after the name of who printed it; what probes say, blank lines and control bytes are left out', () => {
  const { output, start, print, take } = open();
  start('api');
  start('init');
  print(
    'api',
    '==> server <==\nlistening\n\n\n==> server probe <==\nno answer\n\n==> client <==\n\x1b[31mone\x1b[0m\x07\r\nha',
  );
  print('init', '==> init <==\n::error::x\n');
  expect(output.lines()).toEqual(['api server | listening', 'api client | one', 'init       | ::error::x']);
  print('api', 'lf\n');
  expect(output.lines()).toEqual(['api client | half']);
  print('api', 'no end');
  expect(take(end('api', 'passed'))).toEqual(['api client | no end']);
  expect(output.lines()).toEqual([]);
});

test('a flood is cut, and it is said how much was left out, and where all of it is', () => {
  const { output, start, print, pass, take } = open();
  start('api');
  print('api', `==> api <==\n${'x\n'.repeat(5000)}`);
  expect(output.lines()).toEqual(Array.from({ length: 200 }, () => 'api | x'));
  print('api', `${'y'.repeat(100)}\n`.repeat(10_000));
  expect(output.lines()).toEqual([]);
  pass(1000);
  print('api', 'z\n');
  const [said, ...more] = output.lines();
  expect(said).toBe('api | … 1.02 MB left out; all of it is in api.log');
  expect(more).toEqual(['api | z']);
  print('api', 'y\n'.repeat(300));
  expect(take(end('api', 'passed')).at(-1)).toMatch(/left out/);
});

test('what a setup step prints is shown when its secrets are known', () => {
  const { take, print } = open();
  print('install', '==> install <==\nfetching\n');
  expect(take({ type: 'setup-started', step: 'install' })).toEqual([]);
});
