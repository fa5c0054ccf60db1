/** What the thresholds of the default example are worth: each of them can break. */
import { describe, expect, test } from 'vitest';
import type { LoadSummary } from '../../src/core/load.ts';
import { startAtTop } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

/** The component, and the config that has it. */
const CONFIGS = { http: 'shakedown.config.ts', sessions: 'sessions.config.ts' } as const;

async function runExample(fault: string, name: keyof typeof CONFIGS = 'http') {
  await using rig = await Rig.create();
  await using run = startAtTop(rig, ['--config', `examples/http-server/${CONFIGS[name]}`, name], {
    EXAMPLE_BREAK: fault,
  });
  const { code, stdout } = await run.exit();
  const component = componentOf(rig.report(), name);
  return { code, stdout, component, load: (component as { load?: LoadSummary }).load };
}

/** A machine that does much else answers late: then thresholds of time break, and nothing else may. */
function expectSound({ code, stdout, component, load }: Awaited<ReturnType<typeof runExample>>): void {
  const broken = load?.thresholds.filter(({ holds }) => !holds) ?? [];
  expect(codesOf(component), stdout).toEqual(broken.map(() => 'threshold'));
  expect(broken.map(({ expression }) => expression)).not.toContain('errors == 0');
  expect(code, stdout).toBe(broken.length === 0 ? 0 : 1);
}

describe('the http component of the default example', { timeout: 300_000 }, () => {
  test('holds its thresholds, and tells what it measured', async () => {
    const run = await runExample('none');
    const { stdout, load } = run;
    expectSound(run);
    expect(load?.thresholds.map(({ expression }) => expression)).toEqual(['p99 < 250ms', 'rate >= 100/s']);
    expect(load?.counts.checked).toBe(load?.counts.completed);
    expect(load?.resources).not.toBeNull();
    expect(stdout).toMatch(
      /(?:✓ http .*|load: )\d[\d,]* requests, [\d,]+\/s, p50 .*, p99 .*, no errors, slowest request: (?:GET|POST) \/\w+, p99 /,
    );
  });

  test('breaks both of them where the server is slow, though every answer is right', async () => {
    const { code, stdout, component, load } = await runExample('server-slow');
    expect(code).toBe(1);
    expect(codesOf(component)).toEqual(['threshold', 'threshold']);
    expect(findingOf(component, 'threshold').message).toMatch(
      /^"p99 < 250ms" was not met: p99 is (?:at least )?(?:[3-9]\d\d ms|[\d.]+ s)$/,
    );
    expect(stdout).toMatch(
      /✗ http .*"p99 < 250ms" was not met: p99 is (?:at least )?(?:[3-9]\d\d ms|[\d.]+ s)\n/,
    );
    expect(stdout).toMatch(/threshold: "rate >= 100\/s" was not met: rate is \d{1,2}(?:\.\d+)?\/s\n/);
    expect(load?.counts).toMatchObject({ failed: 0, timedOut: 0, byStatus: { 200: load?.counts.completed } });
  });

  test.runIf(isThorough)('catches a body whose last byte is wrong, and shows where', async () => {
    const { code, stdout, component, load } = await runExample('wrong-body');
    expect(code).toBe(1);
    expect(codesOf(component)).toEqual(['unexpected-response']);
    const { evidence = [] } = findingOf(component, 'unexpected-response');
    expect(evidence.join('\n')).toContain('at byte 72: "\\":\\"Fähre\\"!", expected');
    expect(stdout).toMatch(
      /✗ http .*requests of \d[\d,]* failed: GET \/document answered with a different body/,
    );
    // What was asked of the other resource was answered rightly.
    expect(load?.counts.completed).toBeGreaterThan(0);
    expect(load?.counts.failed).toBeGreaterThan(load?.counts.completed ?? 0);
  });
});

describe('the sessions of the default example', { timeout: 300_000 }, () => {
  test('write, read and remove documents, and log in again when their session has ended', async () => {
    const run = await runExample('none', 'sessions');
    const { load } = run;
    expectSound(run);
    expect(load?.iterations).toMatchObject({ scheduled: 400, completed: 400, failed: 0 });
    const counted = Object.fromEntries(
      (load?.byName ?? []).map(({ name, part, counts }) => [`${part} ${name}`, counts]),
    );
    for (const name of ['form', 'login']) {
      expect(counted[`before ${name}`]).toMatchObject({ scheduled: 4, completed: 4 });
      expect(counted[`load ${name}`]?.completed).toBeGreaterThan(0);
    }
    for (const name of ['write', 'read', 'remove'])
      expect(counted[`load ${name}`]?.completed).toBeGreaterThanOrEqual(400);
    expect(load?.counts.byStatus['401']).toBe(counted['load login']?.completed);
  });

  test('notice that somebody reads the documents of somebody else', async () => {
    const { code, stdout, component } = await runExample('mixed-sessions', 'sessions');
    expect(code, stdout).toBe(1);
    expect(findingOf(component, 'unexpected-response').message).toMatch(
      /read answered with a different body than expected; at byte \d+: "\{\\"at\\":\\"\d+\\",\\"by\\":\\"sailor-\d\\"\}"/,
    );
  });
});
