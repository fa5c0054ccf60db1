/** What agents tell of packages, as events of a run. */
import { expect, test } from 'vitest';
import { Telling } from '../../../../src/cli/package-list/from-agents.ts';
import type { RunEvent } from '../../../../src/core/event.ts';
import type { Tried } from '../../../../src/distributed/trials/protocol.ts';
import { Ledger } from '../../../../src/engine/ledger.ts';

const NAMES = ['a', 'b', 'c'];

function begin() {
  const events: RunEvent[] = [];
  const active = new Set<string>();
  let now = 0;
  const telling = new Telling(
    NAMES,
    (event) => events.push(event),
    () => (now += 1000),
    active,
  );
  const verdict = (): string => {
    const ledger = new Ledger(NAMES);
    for (const event of events) ledger.take({ ...event, elapsedMs: 0 });
    expect(ledger.unfinished()).toEqual([]);
    return ledger.verdict;
  };
  const of = (name: string) =>
    events.flatMap((event) =>
      'component' in event && event.component === name
        ? [event.type === 'finding' ? event.finding.code : event.type]
        : [],
    );
  return { telling, events, active, verdict, of };
}

const tried = (more: Partial<Tried> = {}): Tried => ({
  ...{ agent: 'east', lost: [], durationMs: 1200, findings: [] },
  ...more,
});

test('a package begins once and ends once, whatever is told of it', () => {
  const { telling, active, of, verdict } = begin();
  telling.take({ type: 'begun', index: 0 });
  telling.take({ type: 'begun', index: 0 });
  expect([...active]).toEqual(['a']);
  telling.take({ type: 'tried', index: 0, tried: tried() });
  telling.take({ type: 'tried', index: 0, tried: tried() });
  telling.take({ type: 'begun', index: 0 });
  expect(of('a')).toEqual(['component-started', 'package-agent', 'component-finished']);
  expect(active.size).toBe(0);
  // Those that end between two looks have not been seen to begin.
  for (const index of [1, 2, 7]) telling.take({ type: 'tried', index, tried: tried() });
  telling.close('none', undefined);
  expect(verdict()).toBe('passed');
});

test('one that was lost by one agent after another is no pass, and names them', () => {
  const { telling, events, verdict } = begin();
  telling.take({ type: 'untried', index: 1, why: 'timeout', lost: ['east', 'west', 'north'] });
  for (const index of [0, 2]) telling.take({ type: 'tried', index, tried: tried({ lost: ['east'] }) });
  telling.close('none', undefined);
  expect(JSON.stringify(events)).toContain('b: each of the 3 agents that had it was lost: east, west, north');
  expect(JSON.stringify(events)).toContain('tried by east, retried after east was lost');
  expect(verdict()).toBe('inconclusive');
});

test('what an agent tells is not believed', () => {
  const { telling, verdict, of } = begin();
  const findings = [{ code: 'constructor', message: 'x' }] as never;
  telling.take({ type: 'tried', index: 0, tried: tried({ findings }) });
  telling.take({ type: 'tried', index: 1, tried: tried({ lost: 'all', durationMs: Number.NaN } as never) });
  telling.take({ type: 'tried', index: 2, tried: {} as never });
  telling.close('none', undefined);
  for (const name of NAMES)
    expect(of(name)).toEqual(['component-started', 'package-untried', 'component-finished']);
  expect(verdict()).toBe('inconclusive');
});

test('packages without a trial make a run inconclusive; interrupted ones say what has interrupted them', () => {
  const left = begin();
  left.telling.take({ type: 'tried', index: 0, tried: tried() });
  left.telling.take({ type: 'begun', index: 1 });
  left.telling.close('no agent was left', undefined);
  expect(left.of('b')).toEqual(['component-started', 'package-untried', 'component-finished']);
  expect(left.of('c')).toEqual(['component-skipped']);
  expect(left.events.at(-1)).toMatchObject({
    finding: { code: 'package-untried', message: '2 packages of 3 had no trial: no agent was left' },
  });
  expect(left.verdict()).toBe('inconclusive');

  const stopped = begin();
  stopped.telling.take({ type: 'begun', index: 1 });
  stopped.telling.close('interrupted', 'SIGINT');
  expect(stopped.of('b')).toEqual(['component-started', 'interrupted', 'component-finished']);
  expect(stopped.of('a')).toEqual(['component-skipped']);
  expect(stopped.verdict()).toBe('inconclusive');
});
