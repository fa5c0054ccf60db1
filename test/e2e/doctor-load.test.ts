/** `shakedown doctor --load`. Its counts must be right on any machine; its times tell of the machine that it runs on. */
import { expect, test } from 'vitest';
import type { Comparison } from '../../src/load/doctor/truth.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

interface Report {
  readonly version: number;
  readonly load: {
    readonly verdict: string;
    readonly trials: readonly { readonly server: string; readonly comparisons: readonly Comparison[] }[];
  };
}

test('the load generator counts what servers of known behaviour did, and tells its times beside theirs', async () => {
  await using rig = await Rig.create();
  const { code, stdout, stderr } = await rig.run(['doctor', '--load', '--json']);
  expect(stderr).toBe('');
  const { version, load } = JSON.parse(stdout) as Report;
  expect(version).toBe(1);
  expect(load.trials.map(({ server }) => server)).toEqual([
    'fixed',
    'alternating',
    'stall',
    'drip',
    'resets',
    'truncated',
    'errors',
  ]);
  const counts = load.trials.flatMap(({ comparisons }) => comparisons).filter(({ unit }) => unit === 'count');
  expect(counts.filter(({ holds }) => !holds)).toEqual([]);
  const of = (server: string, measure: string): Comparison | undefined =>
    load.trials
      .find((trial) => trial.server === server)
      ?.comparisons.find((each) => each.measure === measure);
  expect(of('resets', 'cut off')).toMatchObject({ truth: 20, measured: 20 });
  expect(of('errors', 'status 503')).toMatchObject({ truth: 20, measured: 20 });
  // What a client waits is never less than what the server took.
  for (const measure of ['service p50', 'service p99'])
    expect(of('fixed', measure)?.measured).toBeGreaterThanOrEqual((of('fixed', measure)?.truth ?? 0) * 0.999);
  expect([0, 3]).toContain(code);
});

test.runIf(isThorough)('it is a table for a person', async () => {
  await using rig = await Rig.create();
  const { stdout } = await rig.run(['doctor', '--load']);
  expect(stdout).toMatch(/^ +true +measured +off by$/m);
  expect(stdout).toMatch(/^ {2}a delay of 20 ms, asked 50 times a second$/m);
  expect(stdout).toMatch(/^ {4}✓ cut off +20 +20$/m);
  expect(stdout).toMatch(/^ {4}[✓✗] service p50 +[\d.]+ ms +[\d.]+ ms +[+-][\d.]+ [µm]s$/m);
});
