/** A table of sockets that cannot be read is told from one that is empty. */
import { once } from 'node:events';
import type * as Fs from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import { identify } from '../../../src/process/service/identify.ts';
import { checkPortFreed, checkPortsFree } from '../../../src/process/service/port-check.ts';
import { hasProcessTable, readProcess } from '../../../src/process/system/proc.ts';
import {
  findPortHolder,
  hasSocketTable,
  listenersOn,
  listeningLoopback,
  servedAddresses,
} from '../../../src/process/system/sockets.ts';

/** What stands in the way, and of which paths. */
import { serviceSpec } from '../../rig/service-spec.ts';

const clock = new Clock();

const obstacle = vi.hoisted(() => ({ code: '', path: /^$/ }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  const guarded =
    <A extends readonly unknown[], R>(act: (...args: A) => R) =>
    (...args: A): R => {
      if (obstacle.path.test(String(args[0])))
        throw Object.assign(new Error(obstacle.code), { code: obstacle.code, syscall: 'open' });
      return act(...args);
    };
  return {
    ...fs,
    openSync: guarded(fs.openSync),
    readdirSync: guarded(fs.readdirSync as (...args: unknown[]) => unknown),
    // It opens nothing, so it also answers when no more files may be opened.
    accessSync: (...args: Parameters<typeof Fs.accessSync>) =>
      obstacle.code === 'EMFILE' ? fs.accessSync(...args) : guarded(fs.accessSync)(...args),
  };
});

beforeEach(() => Object.assign(obstacle, { code: '', path: /^$/ }));

const TABLES = /^\/proc\/net\/tcp6?$/;
const FILES = /^\/proc\/\d+\/fd$/;
const block = (code: string, path: RegExp): void => {
  Object.assign(obstacle, { code, path });
};

async function listen(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const spec = serviceSpec();

/** As if this very process were the service. */
const members = () => [readProcess(process.pid)].flatMap((info) => info ?? []);
const owner = { members, knownMembers: members };
const nobody = { members: () => [], knownMembers: () => [] };
const LAUNCHER = 4711;

const identified = (port: number, by: typeof owner = owner) =>
  identify({ spec, port, owner: by, launcherPid: LAUNCHER }, undefined);

const UNLOOKED = {
  code: 'machine-trouble',
  step: 'server',
  message: expect.stringMatching(/ could not be checked: Shakedown has reached its limit of open files$/),
  hint: expect.stringContaining('ulimit -n'),
};

describe.runIf(hasProcessTable)('when no more files may be opened', () => {
  test('the table is not taken for an empty one', async () => {
    const port = await listen();
    block('EMFILE', TABLES);
    expect(hasSocketTable()).toBe(true);
    expect(() => listenersOn(port)).toThrow('EMFILE');
    expect(() => listeningLoopback(port)).toThrow('EMFILE');
    await expect(findPortHolder(port)).rejects.toThrow('EMFILE');
  });

  test.each([
    ['the table', TABLES],
    ['what processes hold', FILES],
  ])('nobody is accused, and nothing is called free, by %s', async (_, path) => {
    const port = await listen();
    block('EMFILE', path);
    expect(await identified(port)).toEqual({ type: 'found', finding: UNLOOKED });
    expect(await checkPortsFree(spec, [port])).toEqual(UNLOOKED);
    expect(await checkPortFreed(spec, port, clock)).toEqual(UNLOOKED);
  });
});

describe.runIf(hasProcessTable)('where the table may not be read at all', () => {
  test.each(['EACCES', 'ENOENT'])('it is done as where there is none: %s', async (code) => {
    const port = await listen();
    block(code, TABLES);
    expect(hasSocketTable()).toBe(false);
    expect(await servedAddresses(port, 5000)).toEqual(['127.0.0.1']);
    expect(await findPortHolder(port)).toEqual({ process: null, uid: null });
    expect(await checkPortsFree(spec, [port])).toMatchObject({ code: 'port-taken' });
    expect(await identified(port)).toEqual({ type: 'ready', pid: LAUNCHER });
  });

  test('a machine without IPv6 has one table, and that is enough', async () => {
    const port = await listen();
    block('ENOENT', /^\/proc\/net\/tcp6$/);
    expect(hasSocketTable()).toBe(true);
    expect(await identified(port)).toEqual({ type: 'ready', pid: process.pid });
  });
});

describe.runIf(hasProcessTable)('where what the service holds may not be seen', () => {
  test('it is not taken for somebody else, if nobody else is seen to listen', async () => {
    const port = await listen();
    block('EACCES', FILES);
    const found = await identified(port);
    expect(found).toMatchObject({
      type: 'found',
      finding: {
        code: 'machine-trouble',
        hint: expect.stringContaining('as the user that the service runs as'),
      },
    });
  });

  test('who is seen to listen and is none of ours is told as before', async () => {
    const port = await listen();
    expect(await identified(port, nobody)).toMatchObject({
      type: 'found',
      finding: { code: 'foreign-listener', holder: { pid: process.pid } },
    });
    block('EACCES', FILES);
    expect(await identified(port, nobody)).toMatchObject({
      finding: { code: 'foreign-listener', holder: null },
    });
  });
});
