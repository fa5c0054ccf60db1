/** The files of deploy/: their commands are run, with another server and another target. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { CLI, Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { httpServer } from '../unit/load/plans.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const read = (name: string): string => readFileSync(join(DEPLOY, name), 'utf8');

/** What the jobs of the workflow run, each in one line. */
const commands = [...read('github.yml').matchAll(/- run: >-\n((?: {10}.*\n)+)/g)].map(([, lines = '']) =>
  lines.trim().replace(/\s+/g, ' '),
);

/** The arguments of the container. */
const args = [
  ...(/ {10}args:\n((?: {12}- .*\n)+)/.exec(read('kubernetes.yaml'))?.[1] ?? '').matchAll(/- (.*)/g),
]
  .map(([, arg = '']) => arg)
  .join(' ');

describe.runIf(isThorough && lackingServer === undefined)(`deploy/ ${lackingServer ?? ''}`, () => {
  test('agents of the workflow and of the job take part in the load that the workflow begins', async () => {
    const [agent = '', load = ''] = commands;
    expect(commands).toHaveLength(2);
    const entry = /ENTRYPOINT \[(.*)\]/.exec(read('agent.Dockerfile'))?.[1] ?? '';
    expect(entry).toBe('"node", "node_modules/shakedown/dist/cli.js", "agent"');

    await using rig = await Rig.create();
    const cluster = await Cluster.open(rig);
    let count = 0;
    await using target = await httpServer((_, response) => {
      count += 1;
      response.end('answer');
    });
    const here = (line: string, index: number): string[] =>
      line
        .replaceAll("'", '')
        .replace('npx shakedown', '')
        .replace(/--api-key-env \S+|--tls-\w+=\S+/g, '')
        .replace('temporal.example:7233', cluster.address)
        .replace('*.staging.example', '127.0.0.1')
        .replace('https://shop.staging.example/', target.url)
        .replace(/--pool[ =](?:\$\{\{.*?\}\}|\S+)/, '--pool deployed')
        .replace(/\$\{\{ matrix.agent \}\}|\$\(POD\)/, String(index))
        .replace('--rate 20000 --duration 1m', '--rate 40 --duration 3s --connections 20 --workers 1')
        .replace('p99 < 50ms', 'p99<20s')
        .trim()
        .split(/\s+/);
    const agents = [0, 1, 2, 3].map((index) => rig.start(here(index < 2 ? agent : `agent ${args}`, index)));
    const end = await Cluster.end(cluster.start([process.execPath, CLI, ...here(load, 0), '--json']));
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(end.result?.counts).toMatchObject({ scheduled: 120, completed: 120 });
    expect(count).toBe(120);
    const names = end.result?.agents?.map(({ name }) => name);
    expect(names?.toSorted()).toEqual(['2', '3', 'runner-0', 'runner-1']);
    // Of themselves: they were there for one load.
    expect(await Promise.all(agents.map(async (each) => (await each.exit()).code))).toEqual([0, 0, 0, 0]);
  });
});
