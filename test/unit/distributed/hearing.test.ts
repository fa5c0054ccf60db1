import { expect, test } from 'vitest';
import { Hearing } from '../../../src/distributed/hearing.ts';
import { Remarks } from '../../../src/distributed/remarks.ts';
import type { Progress, Telling } from '../../../src/distributed/run-state.ts';
import type { LoadReport } from '../../../src/load/merge/index.ts';

const NAMES = new Map([
  [0, 'a0'],
  [1, 'a1'],
]);

const report = (words: string): LoadReport => ({ words }) as unknown as LoadReport;

/** An agent that has told something at a time, by the server. */
const told = (part: number, toldAt: string | null): Telling => ({
  ...{ part, toldAt },
  read: async () => report(`${part} at ${toldAt}`),
});

const progress = (...telling: readonly Telling[]): Progress => ({ names: NAMES, preparing: 0, telling });

test('an agent is silent once it has told nothing for longer than it may, whatever the server thinks of it', async () => {
  const hearing = new Hearing();
  await hearing.take(progress(told(0, '1'), told(1, '1')), 10_000);
  await hearing.take(progress(told(0, '2'), told(1, '1')), 11_000);
  expect((await hearing.take(progress(told(0, '2'), told(1, '1')), 11_499)).silent).toEqual([]);
  const late = await hearing.take(progress(told(0, '2'), told(1, '1')), 11_500);
  expect(late.silent).toEqual([{ part: 1, name: 'a1', since: 10_000 }]);
  expect(late).toMatchObject({ telling: [report('0 at 2')], others: [report('1 at 1')] });

  // It is asked, and nobody has the question yet; then it is given up.
  const asked = await hearing.take(progress(told(0, '3'), told(1, null)), 13_000);
  expect(asked.silent).toEqual([{ part: 1, name: 'a1', since: 10_000 }]);
  const lost = await hearing.take(progress(told(0, '4')), 20_000);
  expect(lost.silent).toEqual([{ part: 1, name: 'a1', since: 10_000 }]);
});

test('one that is asked again is silent, and stays so if it is lost before it was missed here', async () => {
  const hearing = new Hearing();
  await hearing.take(progress(told(0, '1'), told(1, '1')), 10_000);
  const silent = [{ part: 1, name: 'a1', since: 10_000 }];
  expect((await hearing.take(progress(told(0, '2'), told(1, null)), 11_000)).silent).toEqual(silent);
  expect((await hearing.take(progress(told(0, '3')), 11_400)).silent).toEqual(silent);
});

test('one that is heard again is silent no more, and one that has finished never was', async () => {
  const hearing = new Hearing();
  await hearing.take(progress(told(0, '1'), told(1, '1')), 10_000);
  expect((await hearing.take(progress(told(1, '1')), 12_000)).silent).toHaveLength(1);
  const again = await hearing.take(progress(told(1, '9')), 13_000);
  expect(again).toMatchObject({ silent: [], telling: [report('1 at 9')], others: [report('0 at 1')] });
  expect((await hearing.take(progress(), 20_000)).silent).toEqual([]);
});

test('what has not changed is not read again', async () => {
  const hearing = new Hearing();
  let reads = 0;
  const counted: Telling = { part: 0, toldAt: '1', read: async () => report(`${reads++}`) };
  for (const at of [0, 500, 1000]) await hearing.take(progress(counted), at);
  expect(reads).toBe(1);
});

test('what is remarked says who is silent since when, and from how many the figures are', () => {
  const remarks = new Remarks(3);
  const nothing = { attending: 3, preparing: 0, telling: [], others: [], silent: [] };
  expect(remarks.on({ ...nothing, attending: 1 })).toBe('1 of 3 agents here');
  expect(remarks.on({ ...nothing, preparing: 2 })).toBe('2 of 3 agents still preparing');
  const telling = [report('')];
  expect(remarks.on({ ...nothing, telling })).toBeUndefined();
  const since = new Date(2026, 0, 1, 9, 31, 7).getTime();
  const silent = [{ part: 1, name: 'a\u001b[1m', since }];
  expect(remarks.on({ ...nothing, telling, silent })).toBe(
    'silent: a\\x1b[1m, part 2, since 09:31:07; the figures are from 2 of 3 agents',
  );
  expect(remarks.on({ ...nothing, telling })).toBe('all agents are heard again');
  expect(remarks.on({ ...nothing, telling })).toBeUndefined();
});
