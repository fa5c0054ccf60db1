/** The Python example, for real: gunicorn, Flask, orjson, httpx and mypy; and what is made of each of its faults. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectShown } from '../docs/proof-block.ts';
import { processesOfRun, processesWith, startAtTop } from '../rig/processes.ts';
import { CLI, type JsonReport, Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf, holdPort } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

const EXAMPLE = join(CLI, '../../examples/orjson');
const FOLDER = ['--dir', 'examples/orjson/integration'] as const;
const NAMES = ['thread', 'http', 'init', 'typestubs'] as const;
const GENEROUS = 300_000;

function lacking(): string | undefined {
  const python = (code: string): boolean => spawnSync('python3', ['-c', code]).status === 0;
  if (!python('')) return 'python3 is not installed';
  if (!python('import sys; sys.exit(sys.version_info < (3, 11))')) return 'python3 is older than 3.11';
  if (!python('import venv, ensurepip') && !python('import virtualenv'))
    return 'python3 cannot make virtual environments';
  return undefined;
}

const reason = lacking();

/** The servers of this example on a port: gunicorn's master and its workers share a command line. */
const gunicorns = (port: number): number[] => processesWith('gunicorn', `--bind 127.0.0.1:${port}`);

/** Runs the example to its end, and makes sure that nothing of it is left. */
async function runExample(rig: Rig, port: number, names: readonly string[], env: NodeJS.ProcessEnv = {}) {
  await using run = startAtTop(rig, [...FOLDER, '--port', String(port), ...names], env);
  const end = await run.exit();
  const report = rig.report() as JsonReport & { readonly run: string };
  expect(processesOfRun(report.run)).toEqual([]);
  expect(gunicorns(port)).toEqual([]);
  return { ...end, report };
}

/** The first line that tells of a failure, among the lines that a reader sees without scrolling. */
const failure = (stdout: string): string =>
  stdout
    .split('\n')
    .slice(0, 6)
    .find((line) => line.startsWith('  ✗')) ?? '';

describe.skipIf(reason !== undefined)(
  `the orjson example${reason === undefined ? '' : ` (not run: ${reason})`}`,
  { timeout: GENEROUS },
  () => {
    beforeAll(() => {
      const { status, stderr } = spawnSync(join(EXAMPLE, 'integration/setup'), {
        encoding: 'utf8',
        // What is imported is compiled then: most of it never is.
        env: { ...process.env, PIP_NO_COMPILE: '1' },
      });
      if (status !== 0) throw new Error(`the setup of the example failed: ${stderr}`);
    }, GENEROUS);

    test('passes, its server as a daemon', async () => {
      await using rig = await Rig.create();
      const port = await rig.freePort();
      const { code, stdout, report } = await runExample(rig, port, NAMES);
      expect(stdout).toContain('PASSED  4 passed');
      expect(code).toBe(0);
      expect(report.components.map(({ name, verdict }) => [name, verdict])).toEqual([
        ['thread', 'passed'],
        ['http', 'passed'],
        ['typestubs', 'passed'],
        ['init', 'passed'],
      ]);
      expect(componentOf(report).services).toMatchObject([{ name: 'http', port }]);
      const { steps } = componentOf(report, 'typestubs');
      expect(steps.map(({ command }) => command)).toEqual(['python typestubs.py', 'mypy typestubs.py']);
      expect(await rig.isFree(port)).toBe(true);
    });

    test.runIf(isThorough)('passes on the port that is the default, or names who holds it', async () => {
      await using rig = await Rig.create();
      const isFree = await rig.isFree(8001);
      await using run = startAtTop(rig, [...FOLDER, 'http']);
      const { code } = await run.exit();
      const component = componentOf(rig.report());
      if (isFree) {
        expect(component.services).toMatchObject([{ port: 8001 }]);
        expect(code).toBe(0);
        expect(gunicorns(8001)).toEqual([]);
        expect(await rig.isFree(8001)).toBe(true);
      } else expect(findingOf(component, 'port-taken').port).toBe(8001);
    });

    test.runIf(isThorough)('passes as a config, its server in the foreground on a free port', async () => {
      await using rig = await Rig.create();
      await using run = startAtTop(rig, ['--config', 'examples/orjson/shakedown.config.ts', ...NAMES]);
      const { code, stdout } = await run.exit();
      expect(stdout).toContain('PASSED  4 passed');
      expect(code).toBe(0);
      const port = componentOf(rig.report()).services[0]?.port ?? 0;
      expect(port).toBeGreaterThan(1023);
      expect(gunicorns(port)).toEqual([]);
    });

    /** The rest is tried by `npm run test:all`. */
    const mostTelling = ['status-500', 'wrong-value', 'dumps wrong-result', 'loads wrong-in-worker'];

    test.runIf(isThorough)('is proved, as its README shows', async () => {
      await using rig = await Rig.create();
      const chosen = isThorough ? [] : mostTelling.flatMap((fault) => ['--fault', fault]);
      const config = ['--config', 'examples/orjson/shakedown.config.ts'];
      await using run = startAtTop(rig, ['prove', '--fresh', '--json', ...config, ...NAMES, ...chosen]);
      const { code, stdout } = await run.exit();
      expect(code, stdout).toBe(0);
      expectShown('examples/orjson/README.md', JSON.parse(stdout), isThorough);
    });

    test.runIf(isThorough)('a server that answers 500: the client says so', async () => {
      await using rig = await Rig.create();
      const port = await rig.freePort();
      const { code, stdout, report } = await runExample(rig, port, NAMES, {
        ORJSON_EXAMPLE_BREAK: 'server-500',
      });
      expect(code).toBe(1);
      expect(failure(stdout)).toMatch(
        /✗ http .*client exited with code 1: GET \/document answered 500, expected 200$/,
      );
      expect(codesOf(componentOf(report))).toEqual(['exit-code']);
      expect(await rig.isFree(port)).toBe(true);
    });

    const ways = [
      { how: 'a daemon, which is run once more in the foreground', flag: '--daemon', says: /http ended/ },
      // With several workers that cannot start, gunicorn's code is 3, or 1 when it trips over the second one.
      { how: 'in the foreground', flag: '--foreground', says: /http exited with code [13]/ },
    ];
    test.for(inTurn(ways))(
      'a module that cannot be imported, $how: the server’s own words',
      async ({ flag, says }) => {
        await using rig = await Rig.create();
        const port = await rig.freePort();
        const { code, stdout, report } = await runExample(rig, port, ['http', flag], {
          ORJSON_EXAMPLE_BREAK: 'import-error',
        });
        expect(code).toBe(1);
        expect(failure(stdout)).toMatch(says);
        expect(failure(stdout)).toContain(
          "before it was ready: ModuleNotFoundError: No module named 'a_module_nobody_installed'",
        );
        const component = componentOf(report);
        expect(codesOf(component)).toEqual(['not-ready']);
        expect(component.steps).toEqual([]);
        expect(await rig.isFree(port)).toBe(true);
      },
    );

    test('assertions that fail in threads, in a script that exits with 0: a failure all the same', async () => {
      await using rig = await Rig.create();
      const { code, stdout, report } = await runExample(rig, await rig.freePort(), NAMES, {
        ORJSON_EXAMPLE_BREAK: 'thread-swallows',
      });
      expect(code).toBe(1);
      expect(failure(stdout)).toMatch(
        /✗ thread .*printed \d Python tracebacks, although it did not fail: AssertionError: dumps wrote something else/,
      );
      const component = componentOf(report, 'thread');
      expect(component.steps).toMatchObject([{ exitCode: 0 }]);
      expect(findingOf(component, 'forbidden-output').count).toBe(8);
      expect(componentOf(report).skipped).toBe('thread failed');
    });

    test.runIf(isThorough)('a client that crashes: its own error, and no server left behind', async () => {
      await using rig = await Rig.create();
      const port = await rig.freePort();
      const { code, stdout, report } = await runExample(rig, port, NAMES, {
        ORJSON_EXAMPLE_BREAK: 'client-crash',
      });
      expect(code).toBe(1);
      expect(failure(stdout)).toMatch(
        /✗ http .*client exited with code 1: RuntimeError: the client itself is broken$/,
      );
      expect(codesOf(componentOf(report))).toEqual(['exit-code']);
      expect(await rig.isFree(port)).toBe(true);
    });

    test('another program on the port: it is named, and no server is started', async () => {
      await using rig = await Rig.create();
      const port = await rig.freePort();
      await using _held = await holdPort(port);
      const { code, stdout, report } = await runExample(rig, port, ['http']);
      expect(code).toBe(1);
      expect(failure(stdout)).toContain(`port ${port} is already in use by`);
      expect(failure(stdout)).toContain(`(pid ${process.pid},`);
      expect(codesOf(componentOf(report))).toEqual(['port-taken']);
    });

    test('Shakedown killed while gunicorn serves as a daemon: nothing is left', async () => {
      await using rig = await Rig.create();
      const port = await rig.freePort();
      await using run = startAtTop(rig, [...FOLDER, '--port', String(port), '--report', 'ndjson', 'http']);
      await run.output(/"service-ready"/);
      const { run: id } = JSON.parse(run.stdout.split('\n')[0] ?? '') as { run: string };
      // It may be starting workers still: who is looked for was there before.
      const serving = gunicorns(port);
      expect(serving).not.toEqual([]);
      expect(processesOfRun(id)).toEqual(expect.arrayContaining(serving));
      run.kill('SIGKILL');
      await run.exit();
      await expect.poll(() => [...gunicorns(port), ...processesOfRun(id)], { timeout: GENEROUS }).toEqual([]);
      expect(await rig.isFree(port)).toBe(true);
    });
  },
);
