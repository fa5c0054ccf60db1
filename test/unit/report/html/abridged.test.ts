import { expect, test } from 'vitest';
import { abridgedOf } from '../../../../src/report/html/abridged.ts';
import { jsonOf } from '../../../../src/report/json.ts';
import { begin, end, finished, fold, PROOF, RUNS, started, step } from '../runs.ts';

type Plain = Record<string, unknown>;

/** What a program does that wants the whole of it, as docs/reports.md says. */
function wholeOf(data: Plain): Plain {
  const { usual, columns, ...run } = JSON.parse(JSON.stringify(data));
  const whole = (part: Plain, expected: Plain, name: string): Plain => ({
    ...Object.fromEntries(
      Object.entries(expected).map(([key, value]) => [
        key,
        typeof value === 'string' ? value.replace('{name}', () => name) : value,
      ]),
    ),
    ...part,
  });
  const columnsAt = (at: number): Plain =>
    Object.fromEntries(Object.entries<unknown[]>(columns).map(([key, values]) => [key, values[at]]));
  const components = run.components.map((component: { name: string; steps: Plain[] }, at: number) => {
    const steps = component.steps.map((each) => whole(each, usual.step, component.name));
    return whole({ ...component, ...columnsAt(at), steps }, usual.component, component.name);
  });
  return { ...run, components };
}

/** Of which `$&` and the placeholder itself are in the names. */
const ODD = [
  started([
    { name: '$& {name}', kind: 'command' },
    { name: '{name}', kind: 'command' },
  ]),
  ...['$& {name}', '{name}'].flatMap((name) => [
    ...begin(name),
    ...step(name, name, 0),
    ...step(name, '{name}', 0),
    end(name, 'passed'),
  ]),
  finished('passed', 0),
];

test.each(Object.entries({ ...RUNS, PROOF, ODD }))('nothing of %s is lost', (_, run) => {
  const state = fold(run);
  expect(wholeOf(abridgedOf(state))).toEqual(JSON.parse(JSON.stringify(jsonOf(state))));
});

test('of a component that did as usual there is its name, its commands, and when it began and how long it took in columns', () => {
  const state = fold([
    started([{ name: 'a', kind: 'command' }]),
    ...begin('a'),
    ...step('a', 'a', 0),
    end('a', 'passed'),
    finished('passed', 0),
  ]);
  expect(abridgedOf(state)).toMatchObject({
    columns: { startedAfterMs: [10], durationMs: [150] },
    components: [{ name: 'a', steps: [{ command: './a', durationMs: 120 }] }],
  });
  expect(Object.keys(abridgedOf(state).components[0] ?? {}).toSorted()).toEqual(['name', 'steps']);
});
