/** The order of components, with components that the test ends. Nothing here runs, and no clock does. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { PlannedComponent } from '../../../src/core/plan.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { runSchedule, type Schedule } from '../../../src/engine/schedule.ts';
import fc from '../../rig/fast-check.ts';
import { command, http } from '../plan/suites.ts';

interface Wish {
  readonly after?: readonly string[];
  readonly ports?: readonly number[];
}

function planned(name: string, { after = [], ports = [] }: Wish = {}): PlannedComponent {
  const [first, ...rest] = ports;
  const component =
    first === undefined ? command(name, { needs: after }) : http(name, [first, ...rest], { needs: after });
  return { component, after, ports };
}

interface Options {
  readonly jobs?: number;
  readonly keepGoing?: boolean;
  readonly room?: Schedule['room'];
}

/** A schedule whose components run until the test ends them. */
class Stage {
  readonly started: string[] = [];
  readonly skipped = new Map<string, string>();
  readonly stops: string[] = [];
  readonly running = new Map<string, (verdict: Verdict) => void>();
  readonly ended = new Map<string, Verdict>();
  interrupted = false;
  isOver = false;
  /** Called after every start, before anything else can happen. */
  onStart: (component: PlannedComponent) => void = () => {};
  readonly over: Promise<void>;

  constructor(components: readonly PlannedComponent[], options: Options = {}) {
    const { jobs = 1, keepGoing = false, room } = options;
    // Later, so that the test can set things up.
    this.over = setImmediate()
      .then(() =>
        runSchedule(
          { components, jobs, keepGoing },
          {
            execute: (component) => {
              const { name } = component.component;
              this.started.push(name);
              return new Promise((resolve) => {
                this.running.set(name, resolve);
                this.onStart(component);
              });
            },
            skip: ({ component }, reason) => {
              if (this.skipped.has(component.name)) throw new Error(`${component.name} was skipped twice`);
              this.skipped.set(component.name, reason);
            },
            stopAll: (because) => this.stops.push(because),
            isStopped: () => this.interrupted,
            ...(room === undefined ? {} : { room }),
          },
        ),
      )
      .then(() => {
        this.isOver = true;
      });
  }

  /** All that can happen by itself has happened. */
  async settle(): Promise<void> {
    await setImmediate();
    await setImmediate();
  }

  async end(name: string, verdict: Verdict = 'passed'): Promise<void> {
    const resolve = this.running.get(name);
    if (resolve === undefined) throw new Error(`${name} does not run; ${[...this.running.keys()]} do`);
    this.running.delete(name);
    this.ended.set(name, verdict);
    resolve(verdict);
    await this.settle();
  }

  get now(): string[] {
    return [...this.running.keys()];
  }
}

async function stage(components: readonly PlannedComponent[], options?: Options): Promise<Stage> {
  const made = new Stage(components, options);
  await made.settle();
  return made;
}

describe('one after the other', () => {
  test('in the order of the plan', async () => {
    const run = await stage([planned('thread'), planned('http'), planned('init')]);
    expect(run.now).toEqual(['thread']);
    await run.end('thread');
    expect(run.now).toEqual(['http']);
    await run.end('http');
    expect(run.now).toEqual(['init']);
    expect(run.isOver).toBe(false);
    await run.end('init');
    await run.over;
    expect(run.started).toEqual(['thread', 'http', 'init']);
    expect(run.skipped.size).toBe(0);
  });

  test('nothing at all is over at once', async () => {
    await (await stage([])).over;
  });
});

describe('side by side', () => {
  test('as many as there are jobs, and the next when one ends', async () => {
    const run = await stage([planned('a'), planned('b'), planned('c'), planned('d')], { jobs: 2 });
    expect(run.now).toEqual(['a', 'b']);
    await run.end('b');
    expect(run.now).toEqual(['a', 'c']);
    await run.end('a');
    expect(run.now).toEqual(['c', 'd']);
  });

  test('never two on one port, but what comes after them does not wait', async () => {
    const run = await stage(
      [
        planned('a', { ports: [8001] }),
        planned('b', { ports: [8002, 8001] }),
        planned('c', { ports: [8003] }),
        planned('d'),
      ],
      { jobs: 3 },
    );
    expect(run.now).toEqual(['a', 'c', 'd']);
    await run.end('c');
    expect(run.now).toEqual(['a', 'd']);
    await run.end('a');
    expect(run.now).toEqual(['d', 'b']);
  });

  test('only like with like, where there is not as much room for all, and in order', async () => {
    const room = ({ component: { name } }: PlannedComponent): number => (name.startsWith('shy') ? 1 : 3);
    const run = await stage(
      ['shy-1', 'a', 'b', 'shy-2', 'c'].map((name) => planned(name)),
      { room },
    );
    expect(run.now).toEqual(['shy-1']);
    await run.end('shy-1');
    expect(run.now).toEqual(['a', 'b']);
    await run.end('a');
    expect(run.now).toEqual(['b']);
    await run.end('b');
    expect(run.now).toEqual(['shy-2']);
    await run.end('shy-2');
    expect(run.now).toEqual(['c']);
  });

  test('none before what it needs has passed', async () => {
    const run = await stage([planned('db'), planned('web', { after: ['db'] }), planned('other')], {
      jobs: 3,
    });
    expect(run.now).toEqual(['db', 'other']);
    await run.end('other');
    expect(run.now).toEqual(['db']);
    await run.end('db');
    expect(run.now).toEqual(['web']);
  });

  test('also when what is needed stands later in the plan', async () => {
    const run = await stage([planned('web', { after: ['db'] }), planned('db')]);
    expect(run.now).toEqual(['db']);
    await run.end('db');
    expect(run.now).toEqual(['web']);
  });
});

describe('the first failure', () => {
  test('ends the run: the rest is skipped and told why', async () => {
    const run = await stage([planned('thread'), planned('http'), planned('init')]);
    await run.end('thread', 'failed');
    await run.over;
    expect(run.stops).toEqual(['thread failed']);
    expect([...run.skipped.keys()]).toEqual(['http', 'init']);
    for (const reason of run.skipped.values()) expect(reason).toContain('thread failed');
  });

  test('tells those that run to end, once, and waits for them', async () => {
    const run = await stage([planned('a'), planned('b'), planned('c'), planned('d')], { jobs: 3 });
    await run.end('b', 'failed');
    expect(run.stops).toEqual(['b failed']);
    expect(run.isOver).toBe(false);
    await run.end('a', 'skipped');
    await run.end('c', 'failed');
    await run.over;
    expect(run.stops).toEqual(['b failed']);
    expect([...run.skipped.keys()]).toEqual(['d']);
  });

  test.each(['passed', 'inconclusive', 'skipped'] as const)('is not one that is %s', async (verdict) => {
    const run = await stage([planned('a'), planned('b')]);
    await run.end('a', verdict);
    expect(run.now).toEqual(['b']);
    expect(run.stops).toEqual([]);
  });
});

describe('when it keeps going', () => {
  test('the rest runs, except what needs the failed one, near or far', async () => {
    const run = await stage(
      [
        planned('db'),
        planned('web', { after: ['db'] }),
        planned('page', { after: ['web'] }),
        planned('other'),
      ],
      { keepGoing: true },
    );
    await run.end('db', 'failed');
    expect(run.stops).toEqual([]);
    expect(run.now).toEqual(['other']);
    await run.end('other');
    await run.over;
    expect(Object.fromEntries(run.skipped)).toEqual({
      web: 'it needs db, which did not pass',
      page: 'it needs web, which was not run',
    });
  });

  test('what is needed by nobody else ends nothing when it is inconclusive', async () => {
    const run = await stage([planned('db'), planned('web', { after: ['db'] })], { keepGoing: true });
    await run.end('db', 'inconclusive');
    await run.over;
    expect(Object.fromEntries(run.skipped)).toEqual({ web: 'it needs db, which did not pass' });
  });

  test('those that are skipped one because of the other do not stall the run', async () => {
    const run = await stage(
      [planned('page', { after: ['web'] }), planned('web', { after: ['db'] }), planned('db')],
      { keepGoing: true },
    );
    await run.end('db', 'failed');
    await run.over;
    expect([...run.skipped.keys()].sort()).toEqual(['page', 'web']);
  });
});

test('after an interruption nothing starts, and what runs is waited for', async () => {
  const run = await stage([planned('a'), planned('b'), planned('c')], { keepGoing: true });
  run.interrupted = true;
  await run.end('a', 'inconclusive');
  await run.over;
  expect(Object.fromEntries(run.skipped)).toEqual({ b: 'interrupted', c: 'interrupted' });
});

test('needs that can never be met are a bug of the plan, not a run that never ends', async () => {
  const run = new Stage([planned('a', { after: ['b'] }), planned('b', { after: ['a'] })]);
  await expect(run.over).rejects.toThrow('components wait for each other');
});

describe('whatever the plan', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

  const plans = fc.shuffledSubarray(NAMES, { minLength: 1 }).chain((names) =>
    fc.tuple(
      fc.tuple(
        ...names.map((name, index) =>
          fc
            .record({
              after: fc.subarray(names.slice(0, index), { maxLength: Math.min(2, index) }),
              ports: fc.subarray([8001, 8002, 8003], { maxLength: 2 }),
            })
            .map((wish) => planned(name, wish)),
        ),
      ),
      // Sorted by need or not, the schedule must cope.
      fc.boolean(),
    ),
  );

  const verdict = fc.constantFrom<Verdict>('passed', 'passed', 'passed', 'failed', 'inconclusive');

  test('the limits hold at every moment, and each component is run or skipped once', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.array(fc.tuple(fc.nat({ max: 5 }), verdict), { minLength: 6, maxLength: 6 }),
        fc.option(fc.nat({ max: 5 })),
        async ([inOrder, reversed], jobs, keepGoing, endings, interruptAfter) => {
          const components = reversed ? [...inOrder].reverse() : inOrder;
          const byName = new Map(components.map((each) => [each.component.name, each]));
          const run = new Stage(components, { jobs, keepGoing });
          const passed = (name: string): boolean => run.ended.get(name) === 'passed';
          run.onStart = ({ after }) => {
            expect(run.interrupted).toBe(false);
            expect(run.now.length).toBeLessThanOrEqual(jobs);
            const ports = run.now.flatMap((name) => byName.get(name)?.ports ?? []);
            expect(new Set(ports).size).toBe(ports.length);
            expect(after.filter((name) => !passed(name))).toEqual([]);
            if (!keepGoing) expect([...run.ended.values()]).not.toContain('failed');
          };
          await run.settle();
          for (const [index, [choice, result]] of endings.entries()) {
            if (run.now.length === 0) break;
            // No place stays empty that somebody could take.
            const taken = run.now.flatMap((name) => byName.get(name)?.ports ?? []);
            const hasFailed = !keepGoing && [...run.ended.values()].includes('failed');
            const idle = components.filter(
              ({ component: { name }, after, ports }) =>
                !run.started.includes(name) &&
                !run.skipped.has(name) &&
                after.every(passed) &&
                !ports.some((port) => taken.includes(port)),
            );
            if (run.now.length < jobs && !hasFailed && !run.interrupted) expect(idle).toEqual([]);
            if (index === interruptAfter) run.interrupted = true;
            await run.end(run.now[choice % run.now.length] ?? '', result);
          }
          await run.over;
          expect([...run.started, ...run.skipped.keys()].sort()).toEqual([...byName.keys()].sort());
          const failures = [...run.ended.values()].filter((each) => each === 'failed').length;
          expect(run.stops.length).toBe(keepGoing || failures === 0 ? 0 : 1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
