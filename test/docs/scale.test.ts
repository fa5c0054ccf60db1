/** The workflows of docs/scale.md: their shell lines are run, each job in a folder of its own, with the files that it would be given. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blocksOf, runScript, writeShims } from './blocks.ts';

const yaml = blocksOf('docs/scale.md')
  .filter(({ language }) => language === 'yaml')
  .map(({ content }) => content);
const github = yaml.find((text) => text.includes('runs-on')) ?? '';
const gitlab = yaml.find((text) => text.includes('stages:')) ?? '';

/** What a job of a workflow runs, but for the installation. */
function linesOf(workflow: string, job: string): string[] {
  const lines = workflow.split('\n');
  const from = lines.findIndex((line) => line.trim() === `${job}:` && /^ {0,2}\S/.test(line));
  const indent = /^ */.exec(lines[from] ?? '')?.[0].length ?? 0;
  const length = lines
    .slice(from + 1)
    .findIndex((line) => /\S/.test(line) && !line.startsWith(' '.repeat(indent + 1)));
  const own = lines.slice(from + 1, length < 0 ? undefined : from + 1 + length);
  const script = own.findIndex((line) => line.trim() === 'script:');
  const shell =
    script < 0
      ? own.flatMap((line) => /^\s*- run: (.*)$/.exec(line)?.[1] ?? [])
      : own.slice(script + 1).flatMap((line) => /^ {4}- (.*)$/.exec(line)?.[1] ?? []);
  expect(shell.length, job).toBeGreaterThan(0);
  return shell.filter((line) => line !== 'npm ci');
}

let dir = '';
let env: NodeJS.ProcessEnv = {};
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'shakedown-scale-'));
  env = writeShims(join(dir, 'bin'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const CONFIG = {
  setup: [{ run: 'echo prepared' }],
  components: {
    unit: { kind: 'command', run: 'echo unit' },
    build: { kind: 'command', run: 'echo build' },
    bundle: { kind: 'command', run: 'echo bundle', needs: ['build'] },
    lint: { kind: 'command', run: 'echo lint' },
  },
};

interface Machine {
  readonly path: string;
  /** What is put there before its lines are run. */
  readonly files: Readonly<Record<string, string>>;
}

async function runJob({ path, files }: Machine, lines: readonly string[], more: NodeJS.ProcessEnv) {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'shakedown.config.json'), JSON.stringify(CONFIG));
  for (const [to, from] of Object.entries(files)) cpSync(from, join(path, to), { recursive: true });
  return runScript(['set -eu', ...lines].join('\n'), path, { ...env, ...more });
}

/** The variables of a job, and what becomes of its lines before a shell sees them. */
interface System {
  readonly workflow: string;
  readonly job: string;
  readonly variables: (shard: number) => NodeJS.ProcessEnv;
  readonly write: (line: string, shard: number) => string;
}

const SYSTEMS: readonly (readonly [string, System])[] = [
  [
    'GitHub',
    {
      ...{ workflow: github, job: 'shard' },
      variables: () => ({ GITHUB_RUN_ID: '42', GITHUB_ACTIONS: 'true' }),
      write: (line, shard) => line.replaceAll('${{ matrix.shard }}', String(shard)),
    },
  ],
  [
    'GitLab',
    {
      ...{ workflow: gitlab, job: 'shakedown' },
      variables: (shard) => ({ CI_PIPELINE_ID: '42', CI_NODE_INDEX: String(shard), CI_NODE_TOTAL: '3' }),
      write: (line) => line,
    },
  ],
];

test.each(SYSTEMS)(
  'the jobs of %s make one report of three machines, and the history of the next run',
  async (name, system) => {
    const machine = (job: string): string => join(dir, name, job);
    const { workflow, job, variables, write } = system;
    const first = await runJob({ path: machine('history'), files: {} }, linesOf(workflow, 'history'), {});
    expect(first.code, first.output).toBe(0);
    const history = { '.shakedown/history': join(machine('history'), '.shakedown/history') };
    const results: Record<string, string> = {};
    for (const shard of [1, 2, 3]) {
      const path = machine(`${job}${shard}`);
      const lines = linesOf(workflow, job).map((line) => write(line, shard));
      const { code, output } = await runJob({ path, files: history }, lines, variables(shard));
      expect(code, output).toBe(0);
      for (const file of readdirSync(join(path, 'shards')))
        results[`shards/${file}`] = join(path, 'shards', file);
    }
    expect(Object.keys(results)).toHaveLength(3);
    const files: Record<string, string> = { ...history, ...results };
    const report = machine('report');
    const { code, output } = await runJob({ path: report, files }, linesOf(workflow, 'report'), variables(0));
    expect(code, output).toBe(0);
    expect(output).toMatch(/PASSED {2}4 passed/);
    expect(existsSync(join(report, 'shakedown-report.html'))).toBe(true);
    expect(readFileSync(join(report, 'junit.xml'), 'utf8')).toContain('name="bundle"');
    const next = await runScript('shakedown plan --shard 1/3', report, env);
    expect(next.output).toContain('dealt by how long components took before');
    // What the job of one shard has not left behind is missing.
    const { 'shards/2.ndjson': _, ...others } = files;
    const partly = await runJob(
      { path: machine('partly'), files: others },
      linesOf(workflow, 'report'),
      variables(0),
    );
    expect(partly.code, partly.output).toBe(3);
    expect(partly.output).toContain('there is no result of shard 2 of 3');
  },
);
