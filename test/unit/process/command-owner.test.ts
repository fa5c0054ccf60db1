/** What an owner promises to whoever runs a command: held by real processes, and by the fake that stands for them in tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import type { Command } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { ComponentLog } from '../../../src/process/output/log.ts';
import { PipeSource } from '../../../src/process/output/pipe-source.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import type {
  CommandOwner,
  OwnedProcess,
  SpawnOptions,
} from '../../../src/process/ownership/command-owner.ts';
import { Owner } from '../../../src/process/ownership/owner.ts';
import { MARKS_ONLY } from '../../../src/process/ownership/tiers/marks-only.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { RunDirectory } from '../../../src/store/run-directory.ts';
import { inState } from '../../../src/store/state-folder.ts';
import { FakeProcesses } from '../../rig/fake-processes.ts';

/** What a command does. */
type Does = 'says hello, exits with 3' | 'lasts' | 'leaves somebody' | 'cannot be started';

interface Port {
  readonly owner: CommandOwner;
  readonly commandFor: (does: Does) => Command;
  /** Has the command do it, where it does not do so by itself. */
  readonly act: (started: OwnedProcess, does: Does) => void;
}

async function realPort(): Promise<Port> {
  const root = mkdtempSync(join(tmpdir(), 'command-owner-'));
  const directory = inState(root, (state) => RunDirectory.create(state, '20260105-024534-abcdef')).value;
  const pipes = new PipeSource(directory.leases);
  const enclosure = await MARKS_ONLY.open('c');
  onTestFinished(async () => {
    await pipes.close();
    rmSync(root, { recursive: true, force: true });
  });
  const lines: Readonly<Record<Does, string>> = {
    'says hello, exits with 3': 'echo hello; exit 3',
    lasts: 'exec sleep 3600',
    'leaves somebody': 'sleep 3600 & until grep -q sleep /proc/$!/comm; do :; done',
    'cannot be started': '',
  };
  return {
    owner: new Owner({ component: 'c', directory, pipes, enclosure, clock: new Clock() }, 'c.1'),
    commandFor: (does) =>
      does === 'cannot be started'
        ? { type: 'argv', argv: ['/nowhere/at-all'] }
        : { type: 'shell', line: lines[does] },
    act: () => {},
  };
}

async function fakePort(): Promise<Port> {
  const processes = new FakeProcesses();
  const owner = processes.openOwner('c.1');
  return {
    owner,
    commandFor: (does) => {
      if (does === 'cannot be started')
        processes.refusals.set('c.1', { message: 'it is not there', hint: '' });
      return { type: 'argv', argv: ['fake'] };
    },
    act: (started, does) => {
      const command = owner.commands.find(({ pid }) => pid === started.pid);
      if (does === 'says hello, exits with 3') command?.print('hello\n');
      if (does === 'leaves somebody') owner.left = [{ pid: 7, command: 'sleep 3600', ageMs: 1 }];
      if (does !== 'lasts') command?.finish(does === 'leaves somebody' ? 0 : 3);
    },
  };
}

const PORTS = [
  ['processes', realPort],
  ['the fake', fakePort],
] as const;

describe.each(hasProcessTable ? PORTS : PORTS.slice(1))('of %s', (_, open) => {
  const scanner = new OutputScanner([]);
  const options: SpawnOptions = {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '' },
    sink: { speaker: 'c', log: new ComponentLog('/dev/null'), scanner },
  };

  async function start(does: Does): Promise<Port & { started: OwnedProcess }> {
    const port = await open();
    const told: OwnedProcess[] = [];
    const started = await port.owner.spawn(port.commandFor(does), options, (each) => told.push(each));
    if (!started.ok) throw new Error(started.error.message);
    expect(told).toEqual([started.value]);
    port.act(started.value, does);
    return { ...port, started: started.value };
  }

  test('a command that ends by itself: how it ended, how long it lived, what it said, and nobody is left', async () => {
    const { owner, started } = await start('says hello, exits with 3');
    expect(await started.exited).toEqual({ code: 3, signal: null });
    expect(started.exit()).toEqual({ code: 3, signal: null });
    expect(started.lifeMs()).toBeGreaterThanOrEqual(0);
    await started.output.closed;
    expect(scanner.tail(1)).toEqual(['hello']);
    expect(await owner.leftovers()).toBeUndefined();
    expect(await owner.hasEnded()).toBe(true);
    await owner.release();
  });

  test('one that lasts has no exit until it is ended, and has one when that is done', async () => {
    const { owner, started } = await start('lasts');
    expect([started.exit(), started.lifeMs()]).toEqual([undefined, undefined]);
    expect(await owner.hasEnded()).toBe(false);
    const sent: string[] = [];
    const manner = { onSend: (signal: string) => void sent.push(signal) };
    expect(await owner.end(ms(60_000), undefined, manner)).toEqual({ killed: [], survivors: [] });
    expect(await started.exited).toEqual({ code: null, signal: 'SIGTERM' });
    expect(sent).toEqual(['SIGTERM']);
  });

  test('who is left behind is found, may be allowed, and is ended', async () => {
    const { owner, started } = await start('leaves somebody');
    await started.exited;
    expect(await owner.leftovers()).toMatchObject({
      processes: [{ command: 'sleep 3600' }],
      areAllowed: false,
    });
    const allowed = await owner.leftovers(undefined, (command) => command.startsWith('sleep'));
    expect(allowed).toEqual({ processes: [], areAllowed: true });
    expect(await owner.hasEnded()).toBe(false);
    expect((await owner.end(ms(60_000))).survivors).toEqual([]);
  });

  test('one that cannot be started is told as a failure, and its owner is ended like any other', async () => {
    const { owner, commandFor } = await open();
    const told: OwnedProcess[] = [];
    const started = await owner.spawn(commandFor('cannot be started'), options, (each) => told.push(each));
    expect(started).toMatchObject({ ok: false, error: { message: expect.any(String) } });
    expect(told).toEqual([]);
    expect(await owner.end(ms(0))).toEqual({ killed: [], survivors: [] });
  });
});
