/** Sockets in the file system, and addresses, that are not the service's. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Probe } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { checkAddresses } from '../../../src/process/service/address-check.ts';
import { checkSockets } from '../../../src/process/service/identify-socket.ts';
import { hasProcessTable, readProcess } from '../../../src/process/system/proc.ts';
import { holdersOfPath, listensOnPath, parseListening } from '../../../src/process/system/unix-sockets.ts';
import { serviceSpec } from '../../rig/service-spec.ts';

/** As if this very process were the service. */
const members = () => [readProcess(process.pid)].flatMap((info) => info ?? []);

async function listening(name: string): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'shakedown-socket-'));
  const server = createServer().listen(join(cwd, name));
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    rmSync(cwd, { recursive: true });
  });
  return cwd;
}

const HTTP = { type: 'http', path: '/', status: { from: 200, to: 399 }, timeout: ms(1000) } as const;

describe.runIf(hasProcessTable)('who listens on a socket', () => {
  test.each<[string, (path: string) => Probe]>([
    ['it', (path) => ({ type: 'unix', path })],
    ['requests', (path) => ({ ...HTTP, unix: path })],
    [
      'one of several conditions',
      (path) => ({ type: 'any', probes: [{ type: 'port' }, { type: 'unix', path }] }),
    ],
  ])('is found, and another program than the service is named: %s', async (_, probe) => {
    const cwd = await listening('a b.sock');
    const spec = { ...serviceSpec(), cwd, ready: probe('a b.sock') };
    expect(await checkSockets({ spec, owner: { members } })).toBeUndefined();
    expect(await checkSockets({ spec, owner: { members: () => [] } })).toMatchObject({
      code: 'foreign-listener',
      message: expect.stringMatching(
        /^the socket a b\.sock is answered by another program: .*\(pid \d+, up for /,
      ),
      port: null,
      path: 'a b.sock',
      holder: { pid: process.pid },
    });
  });

  test('nobody is accused where the kernel knows it by another path', async () => {
    const cwd = await listening('other.sock');
    const spec = { ...serviceSpec(), cwd, ready: { type: 'unix', path: 'app.sock' } as const };
    expect(await checkSockets({ spec, owner: { members: () => [] } })).toBeUndefined();
    expect(holdersOfPath(join(cwd, 'other.sock'), members())).toHaveLength(1);
    expect(listensOnPath(join(cwd, 'app.sock'))).toBe(false);
  });
});

test('of the table only listening sockets count, with any name', () => {
  const text = `Num       RefCount Protocol Flags    Type St Inode Path
ffff8881: 00000002 00000000 00010000 0001 01 21001 /run/a b.sock
ffff8882: 00000003 00000000 00000000 0001 03 21002 /run/a b.sock
ffff8883: 00000002 00000000 00010000 0001 01 21003 @/run/a b.sock
`;
  expect(parseListening(text, '/run/a b.sock')).toEqual(['21001']);
});

describe('an address at which a service is asked', () => {
  const at = (host: string): Promise<unknown> =>
    checkAddresses({ name: 'api', ready: { type: 'all', probes: [{ type: 'port', host }] } });

  test.each(['127.0.0.1', '127.0.0.2', '0.0.0.0'])('%s is one of this machine', async (host) => {
    expect(await at(host)).toBeUndefined();
  });

  // Reserved for documents: no machine has it.
  test('is refused if no machine like this has it, and those are named that it has', async () => {
    expect(await at('192.0.2.1')).toMatchObject({
      code: 'not-ready',
      step: 'api',
      message: 'api was not started: 192.0.2.1, at which `ready` asks, is no address of this machine',
      hint: expect.stringContaining('this machine has 127.0.0.1'),
    });
  });
});
