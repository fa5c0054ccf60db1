/** A command that is held at a gate is, once it is let go, what it would have been without one; in every tier. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { TIER_CHOICES, type TierChoice } from '../../../src/core/ownership.ts';
import type { Command, Environment } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { ComponentLog } from '../../../src/process/output/log.ts';
import { PipeSource } from '../../../src/process/output/pipe-source.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import type { SpawnOptions } from '../../../src/process/ownership/command-owner.ts';
import { canBeHeld } from '../../../src/process/ownership/gate.ts';
import { Owner, type OwnerContext } from '../../../src/process/ownership/owner.ts';
import { openTier } from '../../../src/process/ownership/tiers/choose.ts';
import type { Tier } from '../../../src/process/ownership/tiers/tier.ts';
import { registerChild } from '../../../src/process/system/children.ts';
import { hasProcessTable, isAlive, type ProcessInfo } from '../../../src/process/system/proc.ts';
import { RunDirectory } from '../../../src/store/run-directory.ts';
import { inState } from '../../../src/store/state-folder.ts';

let root: string;
let pipes: PipeSource;
let directory: RunDirectory;
const tiers = new Map<TierChoice, Tier>();

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'gate-'));
  directory = inState(root, (state) => RunDirectory.create(state, '20260105-024534-abcdef')).value;
  pipes = new PipeSource(root);
  for (const choice of TIER_CHOICES) {
    const tier = await openTier(choice, new Clock());
    if (tier.ok) tiers.set(choice, tier.value);
  }
});
afterAll(async () => {
  for (const tier of tiers.values()) await tier.close();
  await pipes.close();
  rmSync(root, { recursive: true });
});

/** An owner in an enclosure of a tier; both end with the test. */
async function ownerIn(tier: Tier, id: string): Promise<Owner> {
  const enclosure = await tier.open('http');
  const context: OwnerContext = { component: 'http', directory, pipes, enclosure, clock: new Clock() };
  const owner = new Owner(context, id);
  onTestFinished(async () => {
    await owner.end(ms(0));
    await enclosure.close();
  });
  return owner;
}

function optionsFor(env: Environment, cwd: string): SpawnOptions & { said: () => string } {
  const path = join(root, `${Math.random()}.log`);
  const sink = { speaker: 'client', log: new ComponentLog(path), scanner: new OutputScanner([]) };
  return { env, cwd, sink, said: () => readFileSync(path, 'utf8').replace('==> client <==\n', '') };
}

/** Tells all of a process that a gate could change, but for its own pid and its mark. */
const TELL = `
  const { readdirSync, readlinkSync, readFileSync } = require('node:fs');
  const stat = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
  const { pid } = process;
  const environment = readFileSync('/proc/self/environ', 'utf8').split('\\0').filter((entry) => !/^SHAKEDOWN_/i.test(entry));
  const kind = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd).replace(/\\d+/g, 'N'); } catch { return 'gone'; } };
  const descriptors = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 18].map(kind);
  console.log(JSON.stringify({
    argv0: process.argv0,
    args: process.argv.slice(1),
    folder: process.cwd(),
    leadsGroup: Number(stat[2]) === pid,
    leadsSession: Number(stat[3]) === pid,
    ignored: /SigIgn:\\s*(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1],
    stdin: kind(0),
    inherited: [9, 18].map(kind).filter((name) => name.startsWith('pipe')),
    environment: environment.sort(),
  }));
  process.exitCode = 7;
`;

interface Told {
  readonly said: unknown;
  readonly code: number | null;
}

/** What a command tells that nobody but Node has started. */
async function tellPlainly(command: Command, env: Environment): Promise<Told> {
  const [program, ...args] = command.type === 'shell' ? ['/bin/sh', '-c', command.line] : command.argv;
  // Registered, or the subreaper among the tiers would take its exit for that of somebody adopted.
  const child = registerChild(
    spawn(program ?? '', args, {
      ...{ cwd: root, env, detached: true },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { said: JSON.parse(said), code };
}

/** What a command tells that was held, and let go. */
async function tellHeld(owner: Owner, command: Command, env: Environment): Promise<Told> {
  const options = optionsFor(env, root);
  const held = await owner.hold(command, options);
  const released = held?.release()?.();
  if (released === undefined) throw new Error('it was not held');
  await released.output.closed;
  return { said: JSON.parse(options.said()), code: (await released.exited).code };
}

const PATH = process.env.PATH ?? '';
const ENVIRONMENTS: Readonly<Record<string, Environment>> = {
  bare: { PATH },
  'with another folder’s PWD': { PATH, PWD: '/usr', OLDPWD: '/etc', SHLVL: '3', _: '/usr/bin/npm' },
  'with the folder’s own PWD': {
    PATH,
    PWD: '.',
    EMPTY: '',
    MULTI: 'a\nb "c" $d',
    ENV: '/nowhere',
    shakedown_gate: 'x',
  },
};

describe.runIf(hasProcessTable).each(TIER_CHOICES)('in the tier %s', (choice) => {
  test.for(Object.keys(ENVIRONMENTS))(
    'what is let go is as if it had never been held: environment %s',
    async (name, { skip }) => {
      const tier = tiers.get(choice);
      if (tier === undefined) return skip('this machine does not permit it');
      const env = ENVIRONMENTS[name] ?? {};
      writeFileSync(join(root, 'tell.cjs'), TELL);
      const argv = [process.execPath, 'tell.cjs', 'a b', '$PATH', ''] as const;
      const commands: Command[] = [
        { type: 'argv', argv: [...argv] },
        { type: 'shell', line: `exec ${process.execPath} tell.cjs "a b"` },
      ];
      for (const [index, command] of commands.entries()) {
        const plain = await tellPlainly(command, env);
        expect(plain.code).toBe(7);
        if (!canBeHeld(command, env)) continue;
        const held = await tellHeld(await ownerIn(tier, `held-${choice}-${index}`), command, env);
        expect(held).toEqual(plain);
      }
    },
  );

  test('what is dropped ends, and has said nothing; what is forgotten is ended with its owner', async ({
    skip,
  }) => {
    const tier = tiers.get(choice);
    if (tier === undefined) return skip('this machine does not permit it');
    const command: Command = { type: 'shell', line: 'echo it ran' };
    const [dropped, forgotten] = [optionsFor({ PATH }, root), optionsFor({ PATH }, root)];
    const owner = await ownerIn(tier, `dropped-${choice}`);
    const held = await owner.hold(command, dropped);
    expect(held).toBeDefined();
    held?.drop();
    while (!(await owner.hasEnded())) await new Promise(setImmediate);
    expect(dropped.said()).toBe('');
    let members: readonly ProcessInfo[] = [];
    // What is to be done at the end is done in the reverse order: this after the owner has ended.
    onTestFinished(() => {
      expect(members.filter(isAlive)).toEqual([]);
      expect(forgotten.said()).toBe('');
    });
    const other = await ownerIn(tier, `forgotten-${choice}`);
    expect(await other.hold(command, forgotten)).toBeDefined();
    members = other.members();
    if (choice !== 'pid-namespace') expect(members).not.toEqual([]);
  });
});

describe.runIf(hasProcessTable).each(TIER_CHOICES)('in the tier %s', (choice) => {
  test('what waits belongs to its owner and to no other in the same enclosure', async ({ skip }) => {
    const tier = tiers.get(choice);
    if (tier === undefined) return skip('this machine does not permit it');
    const enclosure = await tier.open('http');
    const context: OwnerContext = { component: 'http', directory, pipes, enclosure, clock: new Clock() };
    const [service, client] = [
      new Owner(context, `service-${choice}`),
      new Owner(context, `client-${choice}`),
    ];
    onTestFinished(async () => {
      for (const owner of [client, service]) await owner.end(ms(0));
      await enclosure.close();
    });
    const serving = await service.spawn({ type: 'shell', line: 'exec sleep 60' }, optionsFor({ PATH }, root));
    const held = await client.hold({ type: 'shell', line: 'exec sleep 60' }, optionsFor({ PATH }, root));
    expect(held).toBeDefined();
    // Behind a wrapper it takes a moment until there is somebody.
    while (client.members().length === 0 || service.members().length === 0) await new Promise(setImmediate);
    const pidsOf = (owner: Owner): number[] => owner.members().map(({ pid }) => pid);
    expect(pidsOf(service).filter((pid) => pidsOf(client).includes(pid))).toEqual([]);
    if (serving.ok) await service.endCommand(serving.value);
    while (!(await service.hasEnded())) await new Promise(setImmediate);
    held?.release()?.();
    expect(await service.hasEnded()).toBe(true);
    expect(client.members()).not.toEqual([]);
  });
});

test('is not held: what a shell would not pass on, and what is not there yet', async () => {
  const argv: Command = { type: 'argv', argv: ['/bin/true'] };
  const line: Command = { type: 'shell', line: '/bin/true' };
  for (const name of ['npm_config_@scope:registry', 'a.b', 'BASH_FUNC_which%%', 'PPID', 'OPTIND'])
    expect(canBeHeld(argv, { PATH, [name]: 'x' })).toBe(false);
  expect(canBeHeld(line, { PATH, 'a.b': 'x' })).toBe(hasProcessTable);
  const tier = tiers.get('finders');
  if (tier === undefined) return;
  const owner = await ownerIn(tier, 'absent');
  expect(await owner.hold({ type: 'argv', argv: ['./absent'] }, optionsFor({ PATH }, root))).toBeUndefined();
});

test.runIf(hasProcessTable)(
  'is started anew: whose program or folder has become another one meanwhile',
  async () => {
    const tier = tiers.get('finders');
    if (tier === undefined) return;
    const folder = join(root, 'client');
    mkdirSync(folder);
    writeFileSync(join(folder, 'run'), '#!/bin/sh\n', { mode: 0o755 });
    const command: Command = { type: 'argv', argv: ['./run'] };
    const gone = await (await ownerIn(tier, 'gone')).hold(command, optionsFor({ PATH }, folder));
    const moved = await (await ownerIn(tier, 'moved')).hold(command, optionsFor({ PATH }, folder));
    expect(moved).toBeDefined();
    renameSync(folder, `${folder}-before`);
    mkdirSync(folder);
    expect(gone?.release()).toBeUndefined();
    writeFileSync(join(folder, 'run'), '#!/bin/sh\n', { mode: 0o755 });
    expect(moved?.release()).toBeUndefined();
  },
);
