/** The default example, in both of its forms, and what is made of each of its faults. */
import { describe, expect, test } from 'vitest';
import { processesWith, startAtTop } from '../rig/processes.ts';
import { type JsonReport, Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const FOLDER = ['--dir', 'examples/http-server/integration'] as const;
/** As a config `thread` is thirty processes and more, which take their time where others want the cores too. */
const THREADS_LIMIT = 300_000;
const CONFIG = ['--config', 'examples/http-server/shakedown.config.ts'] as const;
const GENEROUS = 300_000;

async function runExample(rig: Rig, args: readonly string[], fault?: string) {
  const env = fault === undefined ? {} : { EXAMPLE_BREAK: fault };
  await using run = startAtTop(rig, args, env);
  return { ...(await run.exit()), report: rig.report() };
}

const verdicts = (report: JsonReport): string[][] =>
  report.components.map(({ name, verdict }) => [name, verdict]);

/** What is said while it takes its time, on a busy machine for instance. */
const IN_BETWEEN = /^ {2}(?:…|SLOW) /;

/** The line of a component that failed, among the lines that a reader sees without scrolling. */
const failure = (stdout: string): string =>
  stdout
    .split('\n')
    .filter((line) => !IN_BETWEEN.test(line))
    .slice(0, 5)
    .find((line) => line.startsWith('  ✗')) ?? '';

describe('the http-server example', { timeout: GENEROUS }, () => {
  test.runIf(isThorough)('passes as a folder, its server as a daemon', async () => {
    await using rig = await Rig.create();
    const port = await rig.freePort();
    const names = ['thread', 'http', 'init', 'typestubs'];
    const { code, stdout, report } = await runExample(rig, [...FOLDER, '--port', String(port), ...names]);
    expect(stdout).toContain('PASSED  4 passed');
    expect(code).toBe(0);
    expect(verdicts(report)).toEqual([
      ['thread', 'passed'],
      ['http', 'passed'],
      ['typestubs', 'passed'],
      ['init', 'passed'],
    ]);
    const { services } = componentOf(report);
    expect(services).toMatchObject([{ name: 'http', port }]);
    const { steps } = componentOf(report, 'typestubs');
    expect(steps.map(({ name, exitCode }) => [name, exitCode])).toEqual([
      ['sample', 0],
      ['tsc', 0],
    ]);
    expect(processesWith('examples/http-server/integration/http.ts')).not.toContain(services[0]?.pid);
    expect(await rig.isFree(port)).toBe(true);
  });

  test.runIf(isThorough)('passes as a config, its server in the foreground on a free port', async () => {
    await using rig = await Rig.create();
    const names = ['http', 'typestubs', 'init'];
    const { code, stdout, report } = await runExample(rig, [...CONFIG, ...names]);
    expect(stdout).toContain('PASSED  3 passed');
    expect(code).toBe(0);
    expect(verdicts(report).map(([name]) => name)).toEqual(names);
    const port = componentOf(report).services[0]?.port ?? 0;
    expect(port).toBeGreaterThan(1023);
    expect(await rig.isFree(port)).toBe(true);
  });

  test.runIf(isThorough)(
    'passes as a config by default, without the sample that is only for those who name it',
    {
      timeout: THREADS_LIMIT,
    },
    async () => {
      await using rig = await Rig.create();
      const { code, report } = await runExample(rig, CONFIG);
      expect(code).toBe(0);
      expect(verdicts(report).map(([name]) => name)).toEqual(['thread', 'http', 'init']);
    },
  );

  const forms = [
    {
      form: 'folder',
      args: FOLDER,
      finding: 'exit-code',
      mismatch: /✗ thread .*thread exited with code 1: worker \d of 4, round \d+: got /,
    },
    {
      form: 'config',
      args: CONFIG,
      finding: 'unexpected-response',
      mismatch: /✗ thread .*canonical\(.*\) gave .* in worker \d, call 1000, and .* serially/,
    },
  ];
  const faults = [
    {
      fault: 'server-500',
      folder: 'GET /document answered 500, expected 200',
      config: 'answered 500, expected 200',
    },
    {
      fault: 'wrong-body',
      folder: '"title":"Fähre"!, expected {"car":',
      config: 'GET /document answered with a different body than expected; at byte',
    },
  ];
  const cases = forms.flatMap((form) =>
    faults.map(({ fault, folder, config }) => ({
      ...form,
      fault,
      cause: form.form === 'folder' ? folder : config,
    })),
  );
  // That of the folder which answers 500 stands in the README, and is run with it.
  test.for(inTurn(cases.toReversed()))(
    '$fault, as a $form: the client says what is wrong',
    async ({ form, args, fault, cause, finding }) => {
      await using rig = await Rig.create();
      const port = form === 'folder' ? ['--port', String(await rig.freePort())] : [];
      const { code, stdout, report } = await runExample(rig, [...args, ...port, 'http'], fault);
      expect(code).toBe(1);
      expect(failure(stdout)).toMatch(/✗ http /);
      expect(failure(stdout)).toContain(cause);
      expect(codesOf(componentOf(report))).toEqual([finding]);
      expect(await rig.isFree(componentOf(report).services[0]?.port ?? 0)).toBe(true);
    },
  );

  test('server-crash, in the foreground: the server’s own words, not those of the client', async () => {
    await using rig = await Rig.create();
    const { code, stdout, report } = await runExample(rig, [...CONFIG, 'http'], 'server-crash');
    expect(code).toBe(1);
    expect(failure(stdout)).toMatch(
      /✗ http .*server exited with code 1 while it was in use, .+ after it was ready: Error: EXAMPLE_BREAK=server-crash: the server had its 100 requests/,
    );
    expect(codesOf(componentOf(report))).toEqual(['service-died']);
  });

  test('server-crash, as a daemon: the server ended, and how to see its words', async () => {
    await using rig = await Rig.create();
    const args = [...FOLDER, '--port', String(await rig.freePort()), 'http'];
    const { code, stdout, report } = await runExample(rig, args, 'server-crash');
    expect(code).toBe(1);
    expect(failure(stdout)).toMatch(/✗ http .*http ended while it was in use, \S+ m?s after it was ready$/);
    expect(codesOf(componentOf(report))).toEqual(['service-died']);
    expect(findingOf(componentOf(report), 'service-died').hint).toContain(
      '`shakedown --foreground` shows it',
    );
  });

  test.for(inTurn(forms))(
    'thread-mismatch, as a $form: the thread and the round in which it was',
    { timeout: THREADS_LIMIT },
    async ({ args, mismatch }) => {
      await using rig = await Rig.create();
      const { code, stdout, report } = await runExample(rig, [...args, 'thread', 'http'], 'thread-mismatch');
      expect(code).toBe(1);
      expect(failure(stdout)).toMatch(mismatch);
      expect(verdicts(report)).toEqual([
        ['thread', 'failed'],
        ['http', 'skipped'],
      ]);
    },
  );
});
