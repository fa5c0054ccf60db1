/** Loads that are large, in what they send or in what comes of them: real agents, a real server of Temporal. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';
import { httpServer } from '../unit/load/plans.ts';

describe.runIf(isThorough && lackingServer === undefined)(`large loads ${lackingServer ?? ''}`, () => {
  let rig: Rig;
  let cluster: Cluster;

  beforeAll(async () => {
    rig = await Rig.create();
    cluster = await Cluster.open(rig);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  test('agents fetch data that no payload holds, and send each row once', async () => {
    const asked: string[] = [];
    await using target = await httpServer(({ url = '', method }, response) => {
      asked.push(`${method} ${url}`);
      response.end('answer');
    });
    const rows = Array.from({ length: 60_000 }, () => randomBytes(40).toString('hex'));
    rig.write('rows.csv', `id\n${rows.join('\n')}\n`);
    await cluster.agents(['one', 'two']);
    const flags = ['--agents', '2', '--data', 'rows.csv', '--connections', '4', '--requests', '500'];
    const end = await Cluster.end(cluster.load(`${target.url}{{id}}`, ...flags));
    expect(end, end.stderr).toMatchObject({ code: 0, result: { verdict: 'passed' } });
    expect(asked.sort()).toEqual(
      rows
        .slice(0, 500)
        .map((row) => `GET /${row}`)
        .sort(),
    );
    // What is on the server already is not sent again; and who comes later has it as well.
    const id = /shakedown-load-[\da-f-]+/.exec(end.stderr)?.[0] ?? '';
    const attached = cluster.load(`${target.url}{{id}}`, '--data', 'rows.csv', '--attach', id);
    const again = await Cluster.end(attached);
    expect(again.result?.counts, again.stderr).toEqual(end.result?.counts);
    const once = await Cluster.end(cluster.load(`${target.url}{{id}}`, ...flags));
    expect(once, once.stderr).toMatchObject({ code: 0 });
  });
});
