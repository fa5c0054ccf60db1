/** Lists of packages on agents: real agents, a real server of Temporal, and a registry on this machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { type Published, Registry } from '../rig/registry.ts';
import { type JsonReport, Rig, type ShakedownRun } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const PROGRAM = '#!/usr/bin/env node\n';

function publish(rig: Rig, folder: string, name: string, program: string): Published {
  rig.write(
    `${folder}/package.json`,
    JSON.stringify({ name, version: '1.2.3', bin: { [folder]: 'bin.js' } }),
  );
  rig.write(`${folder}/bin.js`, program);
  const env = { ...process.env, npm_config_cache: join(rig.dir, 'npm') };
  const args = ['pack', `./${folder}`, '--silent'];
  const file = execFileSync('npm', args, { cwd: rig.dir, encoding: 'utf8', env }).trim();
  return { name, version: '1.2.3', tarball: join(rig.dir, file) };
}

/** Says that it was begun, and by whose agent, and then waits to be let go. */
const waiting = (rig: Rig, name: string): string => `${PROGRAM}
const { existsSync, writeFileSync, renameSync } = require('node:fs');
const place = ${JSON.stringify(join(rig.dir, name))};
writeFileSync(place + '.draft', process.env.XDG_CACHE_HOME);
if (!existsSync(place + '.go')) renameSync(place + '.draft', place + '.begun');
const timer = setInterval(() => existsSync(place + '.go') && clearInterval(timer), 50);
`;

/** Whether there is a process with that text in its command line. In a namespace of its own its pid would be another there. */
const isRunning = (text: string): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(50);
}

const present = lackingServer === undefined && isThorough;

describe.skipIf(!present)(`packages on agents ${lackingServer ?? ''}`, () => {
  let rig: Rig;
  let cluster: Cluster;
  let registry: Registry;

  beforeAll(async () => {
    rig = await Rig.create();
    cluster = await Cluster.open(rig);
    registry = await Registry.start([
      publish(rig, 'sound', '@scope/sound', `${PROGRAM}console.log('sound');\n`),
      publish(rig, 'bare', 'bare', "console.log('no shebang');\n"),
      ...['slow', 'patient', 'endless'].map((name) => publish(rig, name, name, waiting(rig, name))),
    ]);
  });
  afterAll(async () => {
    await registry[Symbol.asyncDispose]();
    await rig[Symbol.asyncDispose]();
  });

  /** Each with a cache of its own, which tells what runs whose it is. */
  const envOf = (name: string): NodeJS.ProcessEnv => ({
    XDG_CACHE_HOME: join(rig.dir, 'cache', name),
    npm_config_cache: join(rig.dir, 'npm'),
    npm_config_registry: registry.url,
  });

  async function agents(pool: string, names: readonly string[], ...flags: string[]): Promise<ShakedownRun[]> {
    const started = names.map((name) =>
      rig.start(['agent', '--join', cluster.address, '--pool', pool, '--name', name, ...flags], envOf(name)),
    );
    await Promise.all(started.map((agent) => agent.output(/ready/)));
    return started;
  }

  function tryOn(pool: string, packages: readonly string[], ...flags: string[]): ShakedownRun {
    rig.write(`${pool}.txt`, packages.join('\n'));
    const joining = ['--join', cluster.address, '--pool', pool, '--report', `json=${pool}.json`];
    return rig.start(['package', '--list', `${pool}.txt`, ...joining, ...flags]);
  }

  const reportOf = (pool: string): JsonReport => JSON.parse(rig.read(`${pool}.json`)) as JsonReport;

  test('what an agent was trying that is killed or leaves is tried by another, and marked', async () => {
    const names = ['one', 'two', 'three'];
    const all = await agents('lost', names, '--allow-packages');
    const list = ['slow', 'patient', '@scope/sound', 'bare', 'no-such-thing'];
    const run = tryOn('lost', list, '--agents', '3');
    const whoHas = async (name: string): Promise<number> => {
      await until(() => existsSync(join(rig.dir, `${name}.begun`)));
      const cache = rig.read(`${name}.begun`);
      expect(isRunning(cache)).toBe(true);
      return names.findIndex((each) => cache.endsWith(`/${each}`));
    };
    const [killed, left] = [await whoHas('slow'), await whoHas('patient')];
    all[killed]?.kill('SIGKILL');
    all[left]?.kill('SIGTERM');
    for (const name of ['slow', 'patient']) await until(() => !isRunning(rig.read(`${name}.begun`)));
    for (const name of ['slow', 'patient']) rig.write(`${name}.go`, '');
    expect(await all[left]?.exit()).toMatchObject({ signal: 'SIGTERM' });
    const { code, stdout } = await run.exit();
    expect(code, stdout).toBe(1);
    const agent = names.find((_, index) => index !== killed && index !== left);
    const by = (index: number) => ({ code: 'package-agent', agent, lost: [names[index]] });
    expect(reportOf('lost').components).toMatchObject([
      { name: 'slow', verdict: 'passed', findings: [{ package: 'slow@1.2.3' }, by(killed)] },
      { name: 'patient', verdict: 'passed', findings: [{ package: 'patient@1.2.3' }, by(left)] },
      { name: '@scope/sound', verdict: 'passed', findings: [{ package: '@scope/sound@1.2.3' }, {}] },
      {
        name: 'bare',
        verdict: 'failed',
        findings: [{ code: 'package-failed', cause: 'cannot-start' }, {}, {}],
      },
      { name: 'no-such-thing', verdict: 'inconclusive', findings: [{ code: 'package-untried' }, {}] },
    ]);
    const marked = `retried after ${names[killed]} was lost`;
    expect(stdout).toMatch(new RegExp(`slow +1\\.2\\.3 +passed .* ${agent} +${marked}`));

    // What it came to can be asked for once more, by anybody.
    const [, id = ''] = /as (shakedown-packages-\S+)/.exec(stdout) ?? [];
    const again = rig.start(['package', '--attach', id, '--join', cluster.address, '--pool', 'lost']);
    const seen = await again.exit();
    expect(seen.code, seen.stderr).toBe(1);
    expect(seen.stdout).toContain(marked);
    for (const each of all) each.kill('SIGTERM');
  });

  test('no package is tried by an agent whose operator has not allowed it', async () => {
    const [agent] = await agents('forbidden', ['careful']);
    const { code, stderr } = await tryOn('forbidden', ['@scope/sound'], '--agents', '1').exit();
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('agent careful: its operator does not allow it to install and run packages');
    agent?.kill('SIGTERM');
    await agent?.exit();
  });

  test('Ctrl-C ends the trials, and what has not begun is not run', async () => {
    const [agent] = await agents('stopped', ['only'], '--allow-packages');
    // Three names of one package, of which the agent tries one at a time.
    const packages = ['endless', 'endless@1', 'endless@^1'];
    const run = tryOn('stopped', packages, '--agents', '1');
    await until(() => existsSync(join(rig.dir, 'endless.begun')));
    const cache = rig.read('endless.begun');
    expect(isRunning(cache)).toBe(true);
    run.kill('SIGINT');
    expect(await run.exit()).toMatchObject({ signal: 'SIGINT' });
    expect(reportOf('stopped')).toMatchObject({ verdict: 'inconclusive', exitCode: 130 });
    const verdicts = reportOf('stopped').components.map(({ verdict }) => verdict);
    expect(verdicts.toSorted()).toEqual(['inconclusive', 'skipped', 'skipped']);
    await until(() => !isRunning(cache));
    await agent?.output(/is over/);
    agent?.kill('SIGTERM');
    await agent?.exit();
  });

  test('too few agents try nothing, and that is no pass', async () => {
    const flags = ['--agents', '1', '--wait-for-agents', '1s'];
    const { code, stdout } = await tryOn('missing', ['@scope/sound'], ...flags).exit();
    expect(code, stdout).toBe(3);
    expect(stdout).toContain('only 0 of 1 agents came within 1 s');
  });
});
