/** `shakedown merge`: what it refuses, what it writes, and what it keeps. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Program } from '../../../src/cli/flags.ts';
import { merge } from '../../../src/cli/merge/merge.ts';
import { Clock } from '../../../src/core/clock.ts';
import type { RunEvent } from '../../../src/core/event.ts';
import { shardOf } from '../../../src/plan/shard.ts';
import type { jsonOf } from '../../../src/report/json.ts';
import fc from '../../rig/fast-check.ts';
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

test('a start that names no suite is no start', async () => {
  const source = { type: 'convention', dir: null as unknown as string } as const;
  const { shard } = shardOf(planned([command('a')]), { number: 1, of: 1 }, new Map());
  write('x', await run(planned([command('a')]), {}, { source, ...(shard === undefined ? {} : { shard }) }));
  expect(await merged(['x'])).toMatchObject({
    exitCode: 2,
    err: expect.stringMatching(/no result of a shard/),
  });
});

/** Everything in a value that can be replaced. */
function placesIn(value: unknown): { readonly holder: Record<string, unknown>; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

test('whatever has become of a result, that is told, and a failure elsewhere is not forgotten', async () => {
  const files = await runShards(planned([command('a'), command('b')]), 2, { b: 'failed' });
  const lines = readFileSync(join(results.root, '1.ndjson'), 'utf8').trimEnd().split('\n');
  const values = fc.constantFrom(null, -1, '', [], {}, [null], true, 1e300, '../../x', '/etc');
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: lines.length - 1 }), fc.nat(), values, async (at, which, value) => {
      const event: unknown = JSON.parse(lines[at] ?? '');
      const places = placesIn(event);
      const place = places[which % places.length];
      if (place !== undefined) place.holder[place.key] = value;
      writeFileSync(join(results.root, 'bad'), `${lines.with(at, JSON.stringify(event)).join('\n')}\n`);
      const { exitCode } = await merged(['bad', files[1] ?? ''], 'json=r.json', 'junit=r.xml');
      expect([1, 2, 3]).toContain(exitCode);
    }),
    { numRuns: 100 },
  );
});
