/** The faults that break exactly one claim of an init component. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../../../../src/core/finding.ts';
import { EXPECT_SUCCESS, PROVE_BY_DEFAULT } from '../../../../src/core/suite.ts';
import { ms } from '../../../../src/core/units.ts';
import type { Fault } from '../../../../src/kinds/common/fault.ts';
import {
  forBaseline,
  forCalls,
  forControl,
  initClaims,
  sharing,
  untimed,
} from '../../../../src/kinds/init/claims.ts';
import { ALL_PARTS, type InitComponent } from '../../../../src/kinds/init/component.ts';
import { judgeColdStart } from '../../../../src/kinds/init/start.ts';

const COMPONENT: InitComponent = {
  ...{
    kind: 'init',
    name: 'init',
    env: {},
    cwd: '/p',
    timeout: ms(1000),
    slow: ms(1000),
    retries: 0,
    flaky: 'warn',
  },
  ...{ needs: [], uses: [], onlyWhenNamed: false, leave: [], before: [], after: [], prove: PROVE_BY_DEFAULT },
  ...{ language: 'python', module: 'sums', use: null, processes: 1, hangAfter: ms(1000) },
  ...{ coldStart: { text: '< 1.5x', ratio: 1.5 }, denyModules: ['http.client'], singletons: [] },
  expect: EXPECT_SUCCESS,
  parts: ALL_PARTS,
};
const GROUND = { root: '/p', env: {}, seed: 1, shared: [], readyAfter: () => 0 };
const TRIED = { runtime: 'python', modules: [{ name: 'sums', folder: null, entries: [] }] } as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claims-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PROFILE: Finding = {
  ...{ code: 'start-profile', message: '', modules: [], ratio: 1, low: 1, high: 1 },
  pairs: [30, 10, 20].map((bareMs) => ({ bareMs, loadMs: bareMs })),
};
const control = () => ({ findings: [PROFILE], events: [], durationMs: 1, folder });

/** What the hooks are told. */
async function ordersOf(fault: Fault | undefined) {
  const component = (await fault?.sabotage(folder)) as InitComponent | undefined;
  const path = component?.env.SHAKEDOWN_FAULT ?? '';
  return { component, orders: JSON.parse(readFileSync(path, 'utf8')) as object };
}

test('a cold start takes twice what its budget allows of the start that the control has measured', async () => {
  const [fault] = initClaims(COMPONENT, TRIED, control(), GROUND);
  expect(fault).toMatchObject({ fault: 'cold-start', subject: '< 1.5x', isDemanded: true });
  const { component, orders } = await ordersOf(fault);
  // 20 ms × 1.5 × 2, and the budget is still in force.
  expect(orders).toMatchObject({ change: 'slow-import', cpuMs: 60 });
  expect(component?.coldStart).toEqual(COMPONENT.coldStart);
  expect(component?.parts).toEqual(['modules', 'times']);
});

test('a start that takes that much longer is noticed, and one within the budget is not', () => {
  const [fault] = initClaims(COMPONENT, TRIED, control(), GROUND);
  const judged = (ratio: number) =>
    judgeColdStart(COMPONENT.coldStart, { ratio, low: ratio, high: ratio }, 20, 'again');
  expect(judged(1 + 60 / 20).map((finding) => fault?.isNoticed(finding))).toEqual([true]);
  expect(judged(1).some((finding) => fault?.isNoticed(finding))).toBe(false);
});

test('a denied module comes with the module, without a budget for what that takes', async () => {
  const [, fault] = initClaims(COMPONENT, TRIED, control(), GROUND);
  expect(fault).toMatchObject({ fault: 'denied-module', subject: 'http.client', isDemanded: true });
  const { component, orders } = await ordersOf(fault);
  expect(orders).toMatchObject({ change: 'extra-import', extra: 'http.client' });
  expect(component?.coldStart).toBeNull();
  expect(component?.parts).toEqual(['modules']);
});

test('only a control that must know how long a start takes measures it, and calls are made in scenarios', () => {
  expect(forControl(COMPONENT)).toMatchObject({ coldStart: null, parts: ['scenarios', 'modules', 'times'] });
  expect(forControl({ ...COMPONENT, coldStart: null }).parts).toEqual(['scenarios', 'modules']);
  expect(forBaseline(COMPONENT)).toEqual(COMPONENT);
  expect(forBaseline({ ...COMPONENT, coldStart: null }).parts).toEqual(['scenarios', 'modules']);
  expect(forCalls(COMPONENT).parts).toEqual(['scenarios']);
  expect(forCalls({ ...COMPONENT, processes: 8 }).processes).toBe(1);
});

test('a module that several processes load at once may be loaded while others run, unless a start is timed', () => {
  expect(sharing({ ...COMPONENT, processes: 8 })).toBeUndefined();
  expect(sharing(untimed({ ...COMPONENT, processes: 8 }))).toBe('all');
  const shared = (processes: number) =>
    initClaims({ ...COMPONENT, processes }, TRIED, control(), GROUND).map(({ sharing: beside }) => beside);
  expect(shared(8)).toEqual([undefined, 'all']);
  expect(shared(1)).toEqual([undefined, undefined]);
});
