import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/core/plan.ts';
import type { Suite } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { namesOf, type PlanOptions, planRun } from '../../../src/plan/plan.ts';
import fc from '../../rig/fast-check.ts';
import { anySuite, command, http, suite } from './suites.ts';

const OPTIONS: PlanOptions = { jobs: 1, keepGoing: false, repeat: 1 };

function planOf(of: Suite, names: readonly string[] = [], options: PlanOptions = OPTIONS): Plan {
  const planned = planRun(of, names, options);
  if (!planned.ok) throw new Error(planned.error.map(({ message }) => message).join('\n'));
  return planned.value;
}

const order = (plan: Plan): string[] => plan.components.map(({ component }) => component.name);

function refusal(of: Suite, names: readonly string[] = []): readonly { message: string; hint?: string }[] {
  const planned = planRun(of, names, OPTIONS);
  if (planned.ok) throw new Error(`planned ${order(planned.value).join(', ')}`);
  return planned.error;
}

const SCRIPTS = suite([
  command('thread'),
  http('http', [8001]),
  command('typestubs', { onlyWhenNamed: true }),
  command('init'),
]);

describe('the selection', () => {
  test('without names is all that is not only run when named', () => {
    expect(order(planOf(SCRIPTS))).toEqual(['thread', 'http', 'init']);
  });

  test('by names is those, in the order of the suite and each once', () => {
    expect(order(planOf(SCRIPTS, ['init', 'typestubs', 'thread', 'init']))).toEqual([
      'thread',
      'typestubs',
      'init',
    ]);
  });

  test('whatever the order of the names and however often they are said, the plan is the same', () => {
    const choice = anySuite.chain((of) =>
      fc.record({
        of: fc.constant(of),
        names: fc.subarray(namesOf(of), { minLength: 1 }),
        seed: fc.array(fc.nat({ max: 1000 }), { minLength: 12, maxLength: 12 }),
      }),
    );
    fc.assert(
      fc.property(choice, ({ of, names, seed }) => {
        const said = seed.map((number) => names[number % names.length] ?? '').concat(names);
        expect(planOf(of, said)).toStrictEqual(planOf(of, names));
      }),
    );
  });

  test('holds what was named and what that needs, and nothing else', () => {
    const choice = anySuite.chain((of) =>
      fc.tuple(fc.constant(of), fc.subarray(namesOf(of), { minLength: 1 })),
    );
    fc.assert(
      fc.property(choice, ([of, names]) => {
        const wanted = new Set(names);
        // Each needs only those before it, so that one look from the end suffices.
        for (const component of [...of.components].reverse())
          if (wanted.has(component.name)) for (const name of component.needs) wanted.add(name);
        const all = of.components.map(({ name }) => name);
        expect(order(planOf(of, names))).toEqual(all.filter((name) => wanted.has(name)));
      }),
    );
  });

  test('pulls in what is needed, though it is only run when named', () => {
    const of = suite([
      command('db', { onlyWhenNamed: true }),
      command('web', { needs: ['db'] }),
      command('other'),
    ]);
    expect(order(planOf(of, ['web']))).toEqual(['db', 'web']);
    expect(order(planOf(of))).toEqual(['db', 'web', 'other']);
  });

  test('may hold nothing', () => {
    expect(order(planOf(suite([command('typestubs', { onlyWhenNamed: true })])))).toEqual([]);
  });
});

describe('what has failed before', () => {
  const of = suite(
    [
      command('db', { onlyWhenNamed: true }),
      command('web', { needs: ['db'] }),
      command('lint'),
      command('docs', { onlyWhenNamed: true }),
    ],
    {
      absent: [{ name: 'init', reason: 'there is none', onlyWhenNamed: false }],
      unusable: [{ name: 'http', message: 'http is not executable' }],
    },
  );
  const failed = (names: readonly string[], said: readonly string[] = []): Plan =>
    planOf(of, said, { ...OPTIONS, failed: { run: 'r', names } });

  test('is selected in that order, each after what it needs, and nothing is said of the rest', () => {
    expect(order(failed(['web']))).toEqual(['db', 'web']);
    expect(order(failed(['docs', 'lint', 'web']))).toEqual(['docs', 'lint', 'db', 'web']);
    expect(failed(['web'])).toMatchObject({ rerunOf: 'r', skipped: [] });
  });

  test('and was named', () => {
    expect(order(failed(['web', 'lint'], ['lint', 'docs']))).toEqual(['lint']);
    expect(order(failed(['web'], ['db']))).toEqual([]);
  });

  test('and no longer exists, or did not fail, is left out', () => {
    expect(order(failed(['gone', 'init', 'lint']))).toEqual(['lint']);
    expect(order(failed([]))).toEqual([]);
  });

  test('and cannot be run now is told, and so is a name that does not exist', () => {
    const refused = (names: readonly string[], said: readonly string[]) =>
      planRun(of, said, { ...OPTIONS, failed: { run: 'r', names } });
    expect(refused(['http', 'lint'], [])).toMatchObject({ error: [{ message: 'http is not executable' }] });
    expect(refused(['lint'], ['lnt'])).toMatchObject({ error: [{ message: 'there is no component "lnt"' }] });
    expect(refused(['lint'], ['init'])).toMatchObject({ ok: false });
  });
});

describe('a name that cannot be run', () => {
  const lacking = suite([command('thread'), command('init')], {
    absent: [
      { name: 'http', reason: 'there is no executable http in integration', onlyWhenNamed: false },
      { name: 'typestubs', reason: 'there is neither typestubs.py nor typestubs.ts', onlyWhenNamed: true },
    ],
  });
  const broken = suite([command('thread')], {
    unusable: [
      { name: 'init', message: 'integration/init is not executable', hint: 'chmod +x integration/init' },
    ],
  });

  test('is refused when it does not exist, with what does and what was meant', () => {
    expect(refusal(SCRIPTS, ['htpt'])).toEqual([
      {
        message: 'there is no component "htpt"',
        hint: 'did you mean "http"? integration has thread, http, typestubs, init',
      },
    ]);
    expect(refusal(SCRIPTS, ['benchmark'])).toEqual([
      { message: 'there is no component "benchmark"', hint: 'integration has thread, http, typestubs, init' },
    ]);
  });

  test('may be the file of a report, which is written behind an equals sign', () => {
    const hintFor = (name: string, report?: string): string | undefined => {
      const planned = planRun(SCRIPTS, [name], { ...OPTIONS, report });
      return planned.ok ? undefined : planned.error[0]?.hint;
    };
    expect(hintFor('reports/x.xml', 'junit')).toMatch(/^did you mean --report junit=reports\/x\.xml\? /);
    expect(hintFor('http.xml', 'junit')).toMatch(/^did you mean --report junit=http\.xml\? /);
    expect(hintFor('out', 'json')).toMatch(/^did you mean --report json=out\? /);
    expect(hintFor('htpt', 'json')).toMatch(/^did you mean "http"\? /);
    expect(hintFor('reports/x.xml')).toBe('integration has thread, http, typestubs, init');
  });

  test('is told together with all others', () => {
    expect(refusal(lacking, ['htpt', 'thread', 'http', 'htpt', 'x']).map(({ message }) => message)).toEqual([
      'there is no component "htpt"',
      'http cannot be run: there is no executable http in integration',
      'there is no component "x"',
    ]);
  });

  test('may be one that is suggested for another', () => {
    expect(refusal(lacking, ['typestub'])[0]?.hint).toContain('did you mean "typestubs"?');
  });

  test('is told and left out when nobody named it, unless it is only run when named', () => {
    const plan = planOf(lacking);
    expect(order(plan)).toEqual(['thread', 'init']);
    expect(plan.skipped).toEqual([lacking.absent[0]]);
  });

  test('is nobody’s business when others are named', () => {
    expect(planOf(lacking, ['thread']).skipped).toEqual([]);
    expect(order(planOf(broken, ['thread']))).toEqual(['thread']);
  });

  test('is refused with its mend when its file cannot be run as it is', () => {
    const mend = [{ message: 'integration/init is not executable', hint: 'chmod +x integration/init' }];
    expect(refusal(broken)).toEqual(mend);
    expect(refusal(broken, ['init', 'thread', 'init'])).toEqual(mend);
  });
});

test('every name of a suite is known, whatever it is', () => {
  expect(namesOf(suite([command('setup'), command('test')]))).toEqual(['setup', 'test']);
  expect(refusal(suite([command('setup')]), ['setpu'])[0]?.hint).toContain('did you mean "setup"?');
});

describe('the plan', () => {
  test('survives JSON unchanged', () => {
    const options = fc.record(
      {
        jobs: fc.nat({ max: 8 }),
        keepGoing: fc.boolean(),
        repeat: fc.nat({ max: 3 }),
        timeout: fc.nat().map(ms),
      },
      { requiredKeys: ['jobs', 'keepGoing', 'repeat'] },
    );
    fc.assert(
      fc.property(anySuite, options, (of, chosen) => {
        const plan = planOf(of, [], chosen);
        expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan);
      }),
    );
  });

  test('takes over what the suite and the options say', () => {
    const of = suite([command('thread')], {
      env: { MODE: 'trial' },
      path: ['/srv/app/node_modules/.bin'],
      setup: [
        {
          name: 'install',
          command: { type: 'shell', line: 'npm ci' },
          cwd: '/srv/app',
          env: {},
          inputs: [],
          outputs: [],
          timeout: ms(1000),
          undo: null,
        },
      ],
      teardown: [
        {
          name: 'collect',
          command: { type: 'shell', line: 'npm run collect' },
          cwd: '/srv/app',
          env: {},
          timeout: ms(1000),
        },
      ],
    });
    expect(planOf(of, [], { jobs: 3, keepGoing: true, repeat: 5, seed: 9 })).toMatchObject({
      version: 1,
      suite: 'integration',
      root: '/srv/app',
      source: of.source,
      memory: 'debug',
      env: { PYTHONMALLOC: 'debug', MODE: 'trial' },
      path: ['/srv/app/node_modules/.bin'],
      setup: of.setup,
      teardown: of.teardown,
      jobs: 3,
      keepGoing: true,
      repeat: 5,
      seed: 9,
      keepRuns: 10,
      interruptGrace: 5000,
    });
  });

  test('sets the debug allocator where it is asked for, and lets the suite have the last word', () => {
    expect(planOf(suite([command('a')], { memory: 'off' })).env).toEqual({});
    expect(planOf(suite([command('a')])).env).toEqual({ PYTHONMALLOC: 'debug' });
    expect(planOf(suite([command('a')], { env: { PYTHONMALLOC: 'malloc' } })).env).toEqual({
      PYTHONMALLOC: 'malloc',
    });
  });

  test('gives every component the time limit that was asked for', () => {
    const limits = (options: PlanOptions): number[] =>
      planOf(SCRIPTS, [], options).components.map(({ component }) => component.timeout);
    expect(limits(OPTIONS)).toEqual([600_000, 600_000, 600_000]);
    expect(limits({ ...OPTIONS, timeout: ms(5000) })).toEqual([5000, 5000, 5000]);
  });

  test('has every component said to be slow well before that time limit', () => {
    const slow = (timeout: number): number[] =>
      planOf(SCRIPTS, [], { ...OPTIONS, timeout: ms(timeout) }).components.map(
        ({ component }) => component.slow,
      );
    expect(slow(5000)).toEqual([2500, 2500, 2500]);
    expect(slow(3_600_000)).toEqual([60_000, 60_000, 60_000]);
  });

  test('knows the ports that are fixed, and what each waits for', () => {
    const of = suite([command('db'), http('web', [8001, 0, null, 8002], { needs: ['db'] })]);
    expect(planOf(of).components.map(({ after, ports }) => ({ after, ports }))).toEqual([
      { after: [], ports: [] },
      { after: ['db'], ports: [8001, 8002] },
    ]);
  });
});
