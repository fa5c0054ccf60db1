/** The example with PostgreSQL, for real, and what is made of each of its faults. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Docker, lacking, startDocker } from '../rig/docker.ts';
import { processesIn, withoutPostgres } from '../rig/postgres.ts';
import { makePostgresImage } from '../rig/postgres-image.ts';
import { DisposableRun, processesOfRun, ROOT, startAtTop } from '../rig/processes.ts';
import { CLI, type JsonReport, Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

const CONFIG = ['--config', 'examples/api-postgres/shakedown.config.ts'] as const;
const GENEROUS = 300_000;
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;

/** Why it cannot be tried as an ordinary user. */
function withoutUser(): string | undefined {
  if (process.getuid?.() !== 0) return 'they are tried by an ordinary user anyway';
  const [setpriv, ...rest] = NOBODY;
  const looks = spawnSync(setpriv, [...rest, process.execPath, CLI, '--version']);
  return looks.status === 0 ? undefined : 'not everybody may read this project';
}

const noPostgres = withoutPostgres();
const noUser = noPostgres ?? withoutUser();
const why = (reason: string | undefined): string => (reason === undefined ? '' : ` (not run: ${reason})`);

const logOf = (report: JsonReport, name: string): string => {
  const found = report.services?.find((service) => service.name === name);
  if (found === undefined) throw new Error(`the report has no service ${name}`);
  return readFileSync(resolve(report.root, found.logFile), 'utf8');
};

function folderOf(log: string): string {
  const folder = /a new database in (\/\S+)/.exec(log)?.[1];
  if (folder === undefined) throw new Error(`the log does not name the folder of the database: ${log}`);
  return folder;
}

/** The end of a run, of whose database nothing is left. */
async function end(run: DisposableRun, read: (stdout: string) => JsonReport) {
  const { code, stdout } = await run.exit();
  const report = read(stdout);
  const db = logOf(report, 'db');
  const folder = folderOf(db);
  expect(processesIn(folder)).toEqual([]);
  expect(processesOfRun(report.run)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  return { code, stdout, report, db };
}

async function runExample(rig: Rig, fault = '') {
  await using run = startAtTop(rig, [...CONFIG, '--keep-going'], { EXAMPLE_BREAK: fault });
  return await end(run, () => rig.report());
}

const verdictsOf = (report: JsonReport): string[] =>
  report.components.map(({ name, verdict }) => `${name} ${verdict}`);
const outcomesOf = ({ services = [] }: JsonReport): string[] =>
  services.map(({ name, outcome }) => `${name} ${outcome}`);

const PASSED = ['smoke passed', 'traffic passed', 'books passed'];
const ALL_ENDED = ['db ended', 'migrate done', 'seed done', 'api ended'];

describe.skipIf(noPostgres !== undefined)(`the example with PostgreSQL${why(noPostgres)}`, () => {
  test.runIf(isThorough)('passes, and ends the database last', async () => {
    await using rig = await Rig.create();
    const { code, stdout, report, db } = await runExample(rig);
    expect(code, stdout).toBe(0);
    expect(verdictsOf(report)).toEqual(PASSED);
    expect(outcomesOf(report)).toEqual(ALL_ENDED);
    expect(report.services?.flatMap(({ findings }) => findings)).toEqual([]);
    expect(db).toContain('database system is shut down');
  });

  test.runIf(isThorough && noUser === undefined)(`passes for an ordinary user${why(noUser)}`, async () => {
    const args = [...CONFIG, '--report', 'json'];
    const env = { PATH: process.env.PATH, NO_COLOR: '1' };
    await using run = new DisposableRun(args, ROOT, env, [...NOBODY, process.execPath, CLI, ...args]);
    const { code, report } = await end(run, (stdout) => JSON.parse(stdout) as JsonReport);
    expect(code, run.stderr).toBe(0);
    expect(verdictsOf(report)).toEqual(PASSED);
    expect(outcomesOf(report)).toEqual(ALL_ENDED);
  });

  test.runIf(isThorough)(
    'a migration that fails is told with its own words to those that need it, and no API is started',
    async () => {
      await using rig = await Rig.create();
      const { code, report } = await runExample(rig, 'migration');
      expect(code).toBe(1);
      expect(verdictsOf(report)).toEqual(['smoke failed', 'traffic failed', 'books skipped']);
      for (const name of ['smoke', 'traffic']) {
        const component = componentOf(report, name);
        expect(codesOf(component)).toEqual(['exit-code']);
        expect(findingOf(component, 'exit-code')).toMatchObject({ step: 'migrate' });
        expect(component.findings[0]?.message).toBe(
          'migrate exited with code 1: PostgresError: relation "baskets" does not exist',
        );
      }
      expect(outcomesOf(report)).toEqual(['db ended', 'migrate failed']);
    },
  );

  test.runIf(isThorough)(
    'a database that crashes under load fails its users, once, with its last words',
    async () => {
      await using rig = await Rig.create();
      const { code, report } = await runExample(rig, 'database-crash');
      expect(code).toBe(1);
      expect(verdictsOf(report)).toEqual(['smoke passed', 'traffic failed', 'books skipped']);
      const traffic = componentOf(report, 'traffic');
      expect(codesOf(traffic)).toEqual(['service-died']);
      const { step, message, evidence } = findingOf(traffic, 'service-died');
      expect(step).toBe('db');
      expect(message).toMatch(
        /^db exited with code 1 while it was in use, .* after it was ready: server process \(PID \d+\) was terminated by signal 9: Killed$/,
      );
      expect(evidence?.join('\n')).toContain('shutting down because restart_after_crash is off');
    },
  );

  test.runIf(isThorough)('an update that is lost is noticed by the books alone', async () => {
    await using rig = await Rig.create();
    const { code, report } = await runExample(rig, 'lost-update');
    expect(code).toBe(1);
    expect(verdictsOf(report)).toEqual(['smoke passed', 'traffic passed', 'books failed']);
    expect(componentOf(report, 'books').findings[0]?.message).toMatch(
      /^books exited with code 1: AssertionError .*\d+ of \w+ were sold, but \d+ are missing from the stock$/,
    );
  });

  test('of a Shakedown that is killed while the API serves neither processes nor files of the database stay', async () => {
    await using rig = await Rig.create();
    await using run = startAtTop(rig, [...CONFIG, '--report', 'ndjson']);
    await run.output(/"type":"service-ready"[^\n]*"service":"api"/);
    const events = run.stdout.split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []));
    const { run: id } = events.find(({ type }) => type === 'run-started');
    const { pid } = events.find(({ type, service }) => type === 'service-ready' && service === 'db');
    const folder = dirname(readlinkSync(`/proc/${pid}/cwd`));
    // The postmaster and its five or six helpers, each of which leads a session of its own.
    expect(processesIn(folder).length).toBeGreaterThan(4);
    expect(statSync(folder).uid).not.toBe(0);
    run.kill('SIGKILL');
    await run.exit();
    await expect
      .poll(() => [...processesIn(folder), ...processesOfRun(id)], { timeout: GENEROUS })
      .toEqual([]);
    await expect.poll(() => existsSync(folder), { timeout: GENEROUS }).toBe(false);
  });
});

const withoutEngine =
  noPostgres ??
  lacking ??
  (isThorough ? undefined : 'containers.test.ts tries what it needs; `npm run test:all`');
const engine = withoutEngine ?? (await startDocker().catch((error: Error): string => error.message));
if (typeof engine === 'string')
  console.warn(`SKIPPED: the example with PostgreSQL in a container is not tried: ${engine}`);

// Even if its test is left out.
afterAll(async () => {
  if (typeof engine !== 'string') await engine[Symbol.asyncDispose]();
}, 60_000);

describe.skipIf(typeof engine === 'string')('the example with PostgreSQL in a container', () => {
  const docker = engine as Docker;
  test('passes, ends the database last, and leaves neither container nor volume', async () => {
    makePostgresImage(docker, 'postgres:16');
    await using rig = await Rig.create();
    const config = ['--config', 'examples/api-postgres/shakedown.container.config.ts'];
    await using run = startAtTop(rig, config, docker.env);
    const { code, stdout } = await run.exit();
    const report = rig.report();
    expect(code, stdout).toBe(0);
    expect(verdictsOf(report)).toEqual(PASSED);
    expect(outcomesOf(report)).toEqual(ALL_ENDED);
    expect(report.services?.find(({ name }) => name === 'db')?.kind).toBe('container');
    expect(logOf(report, 'db')).toContain('database system is shut down');
    expect(docker.containers()).toEqual([]);
    expect(docker.volumes()).toEqual([]);
  });
});
