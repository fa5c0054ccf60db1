/** `shakedown new && shakedown`, on projects of many kinds: green at the first try. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, type TestContext, test } from 'vitest';
import { PROJECT_CASES, type ProjectCase } from '../fixtures/projects.ts';
import { hasProgram, NotInstalled, Project, projectEnvironment } from '../rig/projects.ts';
import { CLI, type JsonReport } from '../rig/rig.ts';
import { hasTurn, isThorough } from '../rig/thorough.ts';

const execute = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function shakedown(dir: string, ...args: string[]): Promise<Ended> {
  const ended = execute(process.execPath, [CLI, ...args], { cwd: dir, env: projectEnvironment() });
  return ended.then(
    (output) => ({ code: 0, ...output }),
    (error: Ended) => error,
  );
}

/** In CI nothing may be left out; elsewhere it is said why. */
function leaveOut(context: TestContext, why: string): void {
  if (process.env.CI !== undefined) throw new Error(why);
  context.skip(why);
}

function open({ name, prepare, needs = [] }: ProjectCase, context: TestContext): Project {
  const lacking = needs.filter((program) => !hasProgram(program));
  if (lacking.length > 0) leaveOut(context, `${lacking.join(' and ')} not installed`);
  try {
    return new Project(name, prepare);
  } catch (error) {
    if (error instanceof NotInstalled) leaveOut(context, error.message);
    throw error;
  }
}

const isTried = ({ isHeavy }: ProjectCase, index: number): boolean =>
  isThorough || (isHeavy !== true && hasTurn(index, 64));

describe('a project is green at the first try:', () => {
  test.for(PROJECT_CASES.filter(isTried))('$name', async (project, context) => {
    using opened = open(project, context);
    const { dir } = opened;
    const written = await shakedown(dir, 'new', ...(project.yes === true ? ['--yes'] : []));
    expect(written.code, written.stdout + written.stderr).toBe(0);
    const config = readFileSync(join(dir, 'shakedown.config.ts'), 'utf8');
    await expect(config).toMatchFileSnapshot(`../fixtures/first-configs/${project.name}.txt`);
    const run = await shakedown(dir, '--report', 'terminal', '--report', 'json=report.json');
    expect(run.code, config + run.stdout + run.stderr).toBe(0);
    const report = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as JsonReport;
    expect(report.components.filter(({ verdict }) => verdict === 'passed').map(({ name }) => name)).toEqual(
      project.passed,
    );
  });
});
