/** From nothing to "API ready": a database, a migration and an API, by one runner each. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Measurement, measure } from '../measure.ts';
import { benchEnvironment, freePort, here, SHAKEDOWN } from '../suite.ts';

export const STACK = here('./stacks');
const RUN_LIMIT = 120_000;

export interface StackRunner {
  readonly id: string;
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
}

export interface StackSample extends Measurement {
  /** From the start of the runner to the begin of what all is started for. */
  readonly untilCheckMs: number;
  /** From the moment in which the API accepts to the same. */
  readonly reactionMs: number;
}

const CONFIG = `import { command, defineSuite, service, task } from '${pathToFileURL(here('../dist/index.js'))}';

const stack = ${JSON.stringify(STACK)};
const { DB_PORT, API_PORT } = process.env;

export default defineSuite({
  services: {
    db: service({ cwd: stack, run: ['node', 'db.mjs'], port: Number(DB_PORT), ready: { port: Number(DB_PORT) } }),
    migrate: task({ cwd: stack, run: ['node', 'migrate.mjs'], needs: ['db'] }),
    api: service({
      ...{ cwd: stack, run: ['node', 'api.mjs'], port: Number(API_PORT), ready: { http: '/health' } },
      needs: ['migrate'],
    }),
  },
  components: { check: command({ cwd: stack, run: ['node', 'check.mjs'], needs: ['api'] }) },
});
`;

/** @param folder where Shakedown runs */
export function shakedownStack(folder: string): StackRunner {
  const config = join(folder, 'stack.config.mjs');
  writeFileSync(config, CONFIG);
  return {
    ...{ id: 'shakedown', title: 'Shakedown' },
    command: [process.execPath, SHAKEDOWN, 'run', '--config', config],
  };
}

export const BASH_STACK: StackRunner = {
  id: 'bash',
  title: 'bash, polling',
  command: [join(STACK, 'run.sh')],
};

/**
 * @param script of Playwright, as it was installed
 * @param project a folder that lies beside it, since a test imports its package
 */
export function playwrightStack(script: string, project: string): StackRunner {
  for (const name of ['playwright.config.mjs', 'check.spec.mjs'])
    writeFileSync(
      join(project, name),
      readFileSync(join(STACK, 'playwright', name), 'utf8').replaceAll('../', `${STACK}/`),
    );
  return {
    ...{ id: 'playwright', title: 'Playwright' },
    command: [process.execPath, script, 'test', '--config', join(project, 'playwright.config.mjs')],
  };
}

/** @param env leads to an engine, and names an image that it has */
export const composeStack = (env: NodeJS.ProcessEnv): StackRunner => ({
  ...{ id: 'compose', title: 'docker-compose', env },
  command: [join(STACK, 'compose', 'run.sh')],
});

/** @throws when the run did not pass: there is nothing to compare then */
export async function sampleStack(runner: StackRunner, folder: string): Promise<StackSample> {
  const records = join(folder, 'records');
  rmSync(records, { recursive: true, force: true });
  mkdirSync(records);
  const output = join(folder, `${runner.id}.out`);
  const ports = { DB_PORT: String(await freePort()), API_PORT: String(await freePort()) };
  const startedAt = process.hrtime.bigint();
  const measurement = await measure({
    command: runner.command,
    cwd: folder,
    env: benchEnvironment({ ...ports, BENCH_RECORDS: records, ...runner.env }),
    output,
    limitMs: RUN_LIMIT,
  });
  if (measurement.exitCode !== 0)
    throw new Error(
      `${runner.title} ended with code ${measurement.exitCode}:\n${readFileSync(output, 'utf8')}`,
    );
  const timeOf = (name: string): bigint => BigInt(readFileSync(join(records, name), 'utf8'));
  const checkBegins = timeOf('check-begins');
  return {
    ...measurement,
    untilCheckMs: Number(checkBegins - startedAt) / 1e6,
    reactionMs: Number(checkBegins - timeOf('api-accepts')) / 1e6,
  };
}
