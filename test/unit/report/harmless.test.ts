/** Hostile text in every field of every event, and in every field of a load: no output lets it through. */
import { expect, test } from 'vitest';
import { asLine, toJson, visible, visibleAll } from '../../../src/core/harmless.ts';
import type { LoadByName, NamedWindow } from '../../../src/core/load.ts';
import { failureText } from '../../../src/load/engine/save-failures.ts';
import { loadLine } from '../../../src/load/report/brief.ts';
import { csvLines } from '../../../src/load/report/csv.ts';
import { hlogLines } from '../../../src/load/report/hlog.ts';
import { loadJson } from '../../../src/load/report/json.ts';
import { loadText, measureText } from '../../../src/load/report/text.ts';
import { jsonReport } from '../../../src/report/json.ts';
import { junitReport } from '../../../src/report/junit.ts';
import { advance, INITIAL_STATE } from '../../../src/report/state.ts';
import { frameOf } from '../../../src/report/terminal/frame.ts';
import { linesOf, stillRunning } from '../../../src/report/terminal/lines.ts';
import { createPaint } from '../../../src/text/paint.ts';
import { TROUBLED, windowOf } from '../load/results.ts';
import { poison as poisonAll } from './poison.ts';
import { RUNS, stamp } from './runs.ts';

const HOSTILE =
  'x\x1b]0;TITLE\x07\x1b]52;c;cm0=\x07\x9b31m\u202e\u2066\u2028\r\n::error::pwned\n##[error]pwned ##vso[x]y\ud800\u{e0041}<b>&\0';

const poison = <T>(value: T): T => poisonAll(value, (text) => `${text}${HOSTILE}`);

/** @param painted whether our own colours are allowed */
function expectHarmless(output: string, painted = false): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
  const bare = painted ? output.replace(/\x1b\[(?:1|2|22|3[1-3]|39)m/g, '') : output;
  expect(bare).not.toMatch(/[\p{Bidi_Control}\p{Cs}\u2028\u2029\u{e0000}-\u{e007f}]/u);
  expect(bare.replace(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u);
  for (const line of bare.split('\n')) {
    expect(line.trimStart().startsWith('::'), line).toBe(false);
    expect(line).not.toMatch(/##(?:vso)?\[/i);
  }
}

/** Two requests, of whose names one takes more than a line. */
const BY_NAME: readonly LoadByName[] = ['create', `GET /${'x'.repeat(500)}`].map((name) => {
  const { counts, bytes, rate, latencyUs } = TROUBLED;
  return { name, part: 'load', counts, bytes, rate, latencyUs };
});

const runs = Object.entries(RUNS).map(
  ([name, events]) => [name, stamp(events).map((event) => poison(event))] as const,
);

test('the poison reaches what is shown', () => {
  expect(runs.length).toBeGreaterThan(5);
  for (const [name, events] of runs) {
    expect(junitReport(events.reduce(advance, INITIAL_STATE)), name).toContain('::error::pwned');
  }
});

for (const [name, events] of runs)
  for (const colors of [true, false])
    test(`the terminal shows ${name} harmlessly ${colors ? 'in colours' : 'without colours'}`, () => {
      const paint = createPaint(colors);
      let state = INITIAL_STATE;
      for (const raw of events) {
        const event = visibleAll(raw);
        state = advance(state, event);
        const lines = linesOf(event, state, { paint, cwd: visible(`/srv${HOSTILE}`) }).map(asLine);
        const still = stillRunning(state, event.elapsedMs) ?? '';
        for (const line of [
          ...lines,
          ...frameOf(state, event.elapsedMs, { rows: 24, columns: 500 }, paint),
          still,
        ]) {
          expect(line).not.toContain('\n');
          expectHarmless(line, colors);
        }
      }
    });

for (const [name, events] of runs)
  test(`the reports of ${name} are harmless, and JSON keeps the truth`, () => {
    const state = events.reduce(advance, INITIAL_STATE);
    expectHarmless(junitReport(state));
    const json = jsonReport(state);
    expectHarmless(json);
    expect((JSON.parse(json) as { suite: string }).suite).toBe(state.suite);
    for (const event of events) {
      const line = toJson(event);
      expectHarmless(line);
      expect(line).not.toContain('\n');
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(event)));
    }
  });

test('what a server says is harmless in the report of a load', () => {
  const result = poison({
    ...TROUBLED,
    byName: BY_NAME,
    failures: [
      {
        kind: 'check',
        name: 'create',
        captured: { id: '1' },
        message: 'GET / answered 500',
        request: 'GET / HTTP/1.1\n\n',
        response: 'HTTP/1.1 500 x\nserver: y',
        body: 'a\nb',
      },
    ],
  }) as typeof TROUBLED;
  for (const colors of [true, false])
    for (const line of loadText(result, createPaint(colors))) expectHarmless(line, colors);
  expectHarmless(loadJson(result));
  for (const line of [loadLine(result), ...measureText(result, [], createPaint(false))]) expectHarmless(line);
  const byName = result.byName as unknown as readonly NamedWindow[];
  expectHarmless(csvLines(windowOf(0), byName));
  expectHarmless(hlogLines(windowOf(0), result.latencyUs, byName));
  for (const failure of result.failures) expectHarmless(failureText(failure));
});
