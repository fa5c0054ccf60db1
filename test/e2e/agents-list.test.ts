/** Long lists of packages on agents. What each trial comes to is drawn, so that they take no longer than what is between them. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { drawTrial } from '../rig/drawn-trials.ts';
import { type JsonReport, Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { joinTrying } from '../rig/trying-agent.ts';

const PACKAGES = Array.from({ length: 500 }, (_, index) => `package-${index}`);
const SEED = 16;
const indexOf = (name: string): number => Number(name.slice('package-'.length));

describe.runIf(isThorough && lackingServer === undefined)(`long lists ${lackingServer ?? ''}`, () => {
  let rig: Rig;
  let cluster: Cluster;

  beforeAll(async () => {
    rig = await Rig.create();
    cluster = await Cluster.open(rig);
    rig.write('list.txt', PACKAGES.join('\n'));
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  /** What so many agents come to, without who they are. */
  async function triedBy(agents: number) {
    const pool = `of-${agents}`;
    const { address } = cluster;
    const tried: string[] = [];
    const random = new Random(SEED, agents);
    await using _agents = await joinTrying({
      ...{ address, pool, names: Array.from({ length: agents }, (_, index) => `agent-${index}`) },
      tryPackage: async ({ package: name }) => {
        tried.push(name);
        // In whatever order they end.
        await delay(random.next() * 20);
        return drawTrial(SEED, indexOf(name));
      },
    });
    const flags = ['--agents', String(agents), '--jobs', '4', '--join', address, '--pool', pool];
    const run = rig.start(['package', '--list', 'list.txt', ...flags, '--report', 'json=list.json']);
    const { code, stdout } = await run.exit();
    expect(tried.toSorted(), stdout).toEqual(PACKAGES.toSorted());
    const { components } = JSON.parse(rig.read('list.json')) as JsonReport;
    const outcomes = components.map(({ name, verdict, findings }) => ({
      ...{ name, verdict },
      findings: findings.filter((finding) => finding.code !== 'package-agent'),
    }));
    const table = stdout.slice(stdout.indexOf('\n  package ')).replaceAll(/agent-\d/g, 'agent-N');
    return { code, outcomes, table };
  }

  test('the table of five hundred packages is the same from one agent and from two', async () => {
    const [one, two] = [await triedBy(1), await triedBy(2)];
    expect(two).toEqual(one);
    expect(one.code).toBe(1);
    expect(one.outcomes.map(({ name }) => name)).toEqual(PACKAGES);
    expect(one.table.split('\n').filter((line) => line.includes('package-'))).toHaveLength(PACKAGES.length);
  });
});
