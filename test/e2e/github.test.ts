/** Runs in a step of a workflow, as far as the program can tell. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { type Obeyed, obeyedIn } from '../rig/workflow-runner.ts';

const CHECK = `console.log('::error::pwned');
console.log(' ::stop-commands::x');
console.log('##[group]pwned @octocat | a | <b>');
throw new Error('the rows are wrong');
`;

const place = ({ name, properties: { file, line, title } }: Obeyed): string =>
  `${name} ${file}:${line} ${title}`;

const ofLevel = (output: string): string[] =>
  obeyedIn(output)
    .filter(({ name }) => ['error', 'warning', 'notice'].includes(name))
    .map(place);

async function suite(): Promise<{ rig: Rig; env: NodeJS.ProcessEnv }> {
  const rig = await Rig.create();
  mkdirSync(join(rig.dir, 'app'));
  writeFileSync(join(rig.dir, 'app/check.mjs'), CHECK);
  rig.config({
    components: {
      rows: { kind: 'command', run: ['node', 'check.mjs'], cwd: 'app' },
      shy: { kind: 'command', run: 'test -e seen || { touch seen; echo "not yet"; exit 1; }', retries: 1 },
    },
  });
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: rig.dir,
    GITHUB_STEP_SUMMARY: join(rig.dir, 'summary.md'),
  };
  return { rig, env };
}

test('a workflow is told where what failed, and nothing by the components', async () => {
  const { rig, env } = await suite();
  await using _ = rig;
  writeFileSync(env.GITHUB_STEP_SUMMARY ?? '', '# Mine\n');
  const run = await rig.run(['--keep-going', '--report', 'junit', '--report', 'gitlab'], env);
  expect(run.code).toBe(1);
  // Standard output belongs to the report that was asked for.
  expect(obeyedIn(run.stdout)).toEqual([]);
  expect(run.stdout).toContain('&#58;:error::pwned');
  expect(ofLevel(run.stderr)).toEqual([
    'error app/check.mjs:4 rows: exit-code',
    'warning shakedown.config.json:11 shy: flaky',
  ]);
  expect(obeyedIn(run.stderr).filter(({ name }) => name === 'stop-commands')).toEqual([]);
  const issues = JSON.parse(rig.read('gl-code-quality-report.json')) as readonly { location: object }[];
  expect(issues[0]?.location).toEqual({ path: 'app/check.mjs', lines: { begin: 4 } });
  const summary = rig.read('summary.md');
  expect(summary).toMatch(/^# Mine\n\n## ❌ FAILED 1 passed \(1 flaky\), 1 failed in /);
  expect(summary).toMatch(/```text\n[^`]*::error::pwned\n ::stop-commands::x\n/);
});

test('a workflow that merges shards is told the same, and nothing by the components', async () => {
  const { rig, env } = await suite();
  await using _ = rig;
  for (const shard of ['1', '2'])
    await rig.run(['--keep-going', '--shard', `${shard}/2`, '--report', `ndjson=${shard}.ndjson`]);
  const formats = ['junit', 'gitlab', 'json=all.json', 'ndjson=all.ndjson', 'html=all.html', 'github'];
  const reports = formats.flatMap((format) => ['--report', format]);
  const run = await rig.run(['merge', '1.ndjson', '2.ndjson', ...reports], env);
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('&#58;:error::pwned');
  expect(obeyedIn(run.stdout)).toEqual([]);
  expect(ofLevel(run.stderr)).toEqual([
    'error app/check.mjs:4 rows: exit-code',
    'warning shakedown.config.json:11 shy: flaky',
  ]);
  expect(obeyedIn(run.stderr).filter(({ name }) => name === 'stop-commands')).toEqual([]);
  expect(rig.read('summary.md')).toMatch(/❌ FAILED 1 passed \(1 flaky\), 1 failed in /);
  expect(rig.read('gl-code-quality-report.json')).toContain('app/check.mjs');
  expect(rig.report('all.json')).toMatchObject({ verdict: 'failed', merged: { of: 2 } });
  expect(rig.read('all.ndjson')).toContain('"run-finished"');
  expect(rig.read('all.html')).toContain('rows');
});

test('but only if it is not forbidden; elsewhere, if it is asked for', async () => {
  const { rig, env } = await suite();
  await using _ = rig;
  const silent = await rig.run(['rows', '--no-github'], env);
  expect(silent.code).toBe(1);
  expect(obeyedIn(silent.stdout + silent.stderr)).toEqual([]);
  const { GITHUB_ACTIONS: _none, ...elsewhere } = env;
  const forced = await rig.run(['rows', '--report', 'github'], { ...elsewhere, GITHUB_STEP_SUMMARY: '' });
  expect(ofLevel(forced.stdout)).toEqual(['error app/check.mjs:4 rows: exit-code']);
  // The result stays in sight; what is quoted below it is folded away.
  expect(forced.stdout).toMatch(/\n {2}✗ rows .*\n::group::more about rows\n(?: {6}.*\n)+::endgroup::\n/);
  expect(forced.stdout).toMatch(/::endgroup::\n\nFAILED /);
});

test('a summary that cannot be written is a note and no failure; a mistake in the config has its line', async () => {
  const { rig, env } = await suite();
  await using _ = rig;
  const pipe = join(rig.dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const run = await rig.run(['--report', 'json=report.json', 'shy'], { ...env, GITHUB_STEP_SUMMARY: pipe });
  expect(run.code).toBe(0);
  expect(run.stderr).toMatch(/^note: the summary of the job cannot be written: /m);
  appendFileSync(join(rig.dir, 'shakedown.config.json'), '}');
  const refused = await rig.run([], env);
  expect(refused.code).toBe(2);
  expect(ofLevel(refused.stdout)).toEqual([
    expect.stringMatching(/^error shakedown\.config\.json:\d+ shakedown: config$/),
  ]);
  expect(rig.read('summary.md')).toMatch(/^## ❌ NOT RUN because of a mistake\n/);
});
