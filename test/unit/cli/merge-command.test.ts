/** `shakedown merge`: what it refuses, what it writes, and what it keeps. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Program } from '../../../src/cli/flags.ts';
import { merge } from '../../../src/cli/merge/merge.ts';
import { Clock } from '../../../src/core/clock.ts';
import type { RunEvent } from '../../../src/core/event.ts';
import type { jsonOf } from '../../../src/report/json.ts';
import { command } from '../plan/suites.ts';
import { eachInItsOwnFolder, planned, results, run, runShards, write } from './sharded.ts';

eachInItsOwnFolder();

/** @returns the exit code, and what was printed */
async function merged(files: readonly string[], ...report: string[]) {
  const printed = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed.out += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    printed.err += String(chunk);
    return true;
  });
  const program = { version: '0.1.0', cwd: results.root, clock: new Clock() } as Program;
  const { exitCode } = await merge(files, { report, github: false }, program);
  vi.restoreAllMocks();
  return { exitCode, ...printed };
}

test.each([
  ['it is empty', '', /no result of a shard/],
  ['it is something else', '{"a":1}\n'.repeat(3), /no result of a shard/],
  ['it is binary', '\0\u0001\n', /no result of a shard/],
  ['it is a whole run', undefined, /is the result of a whole run/],
  [
    'its start is damaged',
    '{"type":"run-started","seq":0,"elapsedMs":0,"shard":{"deal":[{}]}}\n',
    /no result of a shard/,
  ],
])('a file is refused before any report is begun if %s', async (_, text, why) => {
  if (text === undefined) write('x', await run(planned([command('a')]), {}));
  else writeFileSync(join(results.root, 'x'), text);
  const [one = ''] = await runShards(planned([command('a')]), 1);
  const { exitCode, err } = await merged([one, 'x', 'nowhere'], 'json=out.json');
  expect(exitCode).toBe(2);
  expect(err).toMatch(why);
  expect(err).toMatch(/nowhere cannot be read: ENOENT/);
  expect(JSON.parse(readFileSync(join(results.root, 'out.json'), 'utf8'))).toMatchObject({
    exitCode: 2,
    verdict: 'inconclusive',
  });
});

test('the mistake that kept all shards from running is told once', async () => {
  const refused: RunEvent = {
    ...{
      type: 'run-refused',
      version: '0.1.0',
      root: '/srv/app',
      startedAt: '2026-01-05T02:45:31.000Z',
      exitCode: 2,
    },
    diagnostics: [{ message: 'there is no component "htpt"' }],
  };
  for (const name of ['1', '2']) write(name, [{ ...refused, seq: 0, elapsedMs: 0 }]);
  const { exitCode, err } = await merged(['1', '2']);
  expect(exitCode).toBe(2);
  expect(err.split('no component "htpt"')).toHaveLength(2);
});

test('every report is that of one run; where the suite is, its history is kept: with the whole, not with its parts', async () => {
  const files = await runShards(planned([command('a'), command('b')]), 2, { b: 'failed' });
  const { exitCode, out } = await merged(
    files,
    'json=r.json',
    'junit=r.xml',
    'ndjson=r.ndjson',
    'gitlab=r.gl',
  );
  expect(exitCode).toBe(1);
  expect(out).toContain('MERGED from 2 of 2 shards');
  expect(out).toContain('FAILED  1 passed, 1 failed');
  const json = JSON.parse(readFileSync(join(results.root, 'r.json'), 'utf8')) as ReturnType<typeof jsonOf>;
  expect(json).toMatchObject({ verdict: 'failed', merged: { of: 2 } });
  expect(readFileSync(join(results.root, 'r.xml'), 'utf8')).toContain('shard 2 of 2: 1 component in 10 ms');
  expect(readFileSync(join(results.root, 'r.gl'), 'utf8')).toContain('b went wrong');
  expect(existsSync(join(results.root, '.shakedown'))).toBe(false);
  mkdirSync(join(results.root, 'integration'));
  await merged(files);
  const lines = readFileSync(join(results.root, '.shakedown/history'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { suite: 'integration', verdict: 'failed', merges: ['20260105-024531-aaaaa', '20260105-024532-aaaaa'] },
  ]);
});
