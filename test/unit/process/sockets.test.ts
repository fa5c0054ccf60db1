import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasProcessTable, readProcess } from '../../../src/process/system/proc.ts';
import {
  acceptingAddresses,
  countTimeWait,
  describeHolder,
  findPortHolder,
  holdersOf,
  listenersOn,
  listeningPorts,
  loopbackOf,
  parseListeners,
  parsePeers,
  peersOf,
  servedAddresses,
  socketCounts,
} from '../../../src/process/system/sockets.ts';

/** As the kernel writes it, trailing blanks included: two that listen, one connection, one in TIME_WAIT. */
const TCP = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     ',
  '   0: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 183423 1 0000000000000000 100 0 0 10 0                     ',
  '   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21094 1 0000000000000000 100 0 0 10 0                      ',
  '   2: 0100007F:1F41 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 183424 1 0000000000000000 20 4 30 10 -1                    ',
  '   3: 0100007F:C350 0100007F:1F41 06 00000000:00000000 03:00000B52 00000000     0        0 0 3 0000000000000000                                        ',
  '',
].join('\n');

const TCP6 = [
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  '   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 331207 1 0000000000000000 100 0 0 10 0',
  '   1: 00000000000000000000000001000000:FFFF 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 331208 1 0000000000000000 100 0 0 10 0',
  '   2: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 331309 1 0000000000000000 20 4 0 10 -1',
  '',
].join('\n');

describe('parseListeners', () => {
  test('takes what listens, and no connection', () => {
    expect(parseListeners(TCP)).toEqual([
      { address: '127.0.0.1', port: 8001, inode: '183423', uid: 1000 },
      { address: '0.0.0.0', port: 22, inode: '21094', uid: 0 },
    ]);
  });

  test('reads the longer addresses of IPv6', () => {
    expect(parseListeners(TCP6)).toEqual([
      { address: '::', port: 8080, inode: '331207', uid: 0 },
      { address: '::1', port: 65_535, inode: '331208', uid: 1000 },
    ]);
  });

  test.each(['', '\n', TCP.split('\n')[0] ?? ''])('of %j makes nothing', (text) => {
    expect(parseListeners(text)).toEqual([]);
  });
});

describe('who is connected to a port of the loopback interface', () => {
  test('is read from either end of a connection', () => {
    expect(parsePeers(TCP, 8001)).toEqual([0xc350, 0xc350]);
    expect(parsePeers(TCP, 0xc350)).toEqual([8001, 8001]);
    expect(parsePeers(TCP6, 8080)).toEqual([0x9c40]);
    expect(parsePeers(TCP, 22)).toEqual([]);
  });

  test('nobody is, whose connection is to another machine', () => {
    const line = '   2: 0100A8C0:C350 0200A8C0:1F41 01 00000000:00000000 00:00000000 00000000  1000 0 1 1';
    expect(parsePeers(line, 8001)).toEqual([]);
  });

  test.runIf(hasProcessTable)('is seen as long as it lasts, and after', async () => {
    const server = createServer((socket) => socket.resume().on('end', () => socket.end()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    const own = client.localPort;
    expect(peersOf(port)).toContain(own);
    client.end();
    await once(client.resume(), 'close');
    expect(peersOf(port)).toContain(own);
  });
});

test('connections that the kernel still remembers are counted by their own end', () => {
  expect(countTimeWait(TCP, 0xc350)).toBe(1);
  expect(countTimeWait(TCP, 8001)).toBe(0);
  expect(countTimeWait('', 8001)).toBe(0);
});

test('a listener is reached on the loopback address of its family, or not at all', () => {
  const loopbacks = ['127.0.0.1', '0.0.0.0', '::1', '127.0.0.2', '10.1.2.3', 'fe80:0:0:0:0:0:0:1'].map(
    (address) => loopbackOf({ address }),
  );
  expect(loopbacks).toEqual(['127.0.0.1', '127.0.0.1', '::1', undefined, undefined, undefined]);
  const mapped = TCP6.replace(
    '00000000000000000000000000000000:1F90',
    '0000000000000000FFFF00000100007F:1F90',
  );
  expect(parseListeners(mapped)[0]?.address).toBe('127.0.0.1');
});

async function listen(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

const self = { pid: process.pid, startTicks: readProcess(process.pid)?.startTicks ?? 0 };

/** A container may have no IPv6. */
const LOOPBACK = ['127.0.0.1', '::1'].filter((host) =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host)),
);

describe.each(LOOPBACK)('a socket that listens on %s', (host) => {
  test.runIf(hasProcessTable)('is found, with the process that holds it', async () => {
    const { port } = await listen(host);
    expect(listenersOn(port)).toHaveLength(1);
    expect(listeningPorts([self])).toContainEqual({ process: self, address: host, port });
    expect((await findPortHolder(port))?.process?.pid).toBe(process.pid);
  });

  test('accepts connections there and nowhere else', async () => {
    const { port } = await listen(host);
    expect(await acceptingAddresses(port, 5000)).toEqual([host]);
    expect(await servedAddresses(port, 5000)).toEqual([host]);
  });

  test.runIf(hasProcessTable)(
    'is known to the kernel: no connection is made to tell where it is',
    async () => {
      const { server, port } = await listen(host);
      let connections = 0;
      server.on('connection', () => {
        connections += 1;
      });
      expect(await servedAddresses(port, 5000)).toEqual([host]);
      await once(connect({ host, port }), 'connect');
      while (connections === 0) await once(server, 'connection');
      expect(connections).toBe(1);
    },
  );

  test.runIf(hasProcessTable)('changes the counts of the kernel when it comes', async () => {
    // Others may come and go at the same moment, so that the counts stay as they were.
    for (;;) {
      const before = socketCounts();
      expect(before).toContain('TCP: inuse ');
      await listen(host);
      if (socketCounts() !== before) break;
    }
  });

  test('is nobody’s once it is closed', async () => {
    const { server, port } = await listen(host);
    server.close();
    await once(server, 'close');
    expect(listenersOn(port)).toEqual([]);
    expect(await findPortHolder(port)).toBeUndefined();
    expect(await acceptingAddresses(port, 5000)).toEqual([]);
  });
});

test.runIf(hasProcessTable)('however many listen, each is found', async () => {
  // More than the kernel gives at a time.
  const sockets = await Promise.all(Array.from({ length: 120 }, () => listen('127.0.0.1')));
  const ports = sockets.map(({ port }) => port).sort();
  expect(ports.filter((port) => listenersOn(port).length === 1)).toEqual(ports);
  const held = listeningPorts([self]).map(({ port }) => port);
  expect(ports.filter((port) => held.includes(port))).toEqual(ports);
  expect(ports.filter((port) => holdersOf(port, [self]).includes(self))).toEqual(ports);
});

test.runIf(hasProcessTable)('a process that holds no socket on a port is no holder of it', async () => {
  const { port } = await listen('127.0.0.1');
  const init = { pid: 1, startTicks: 0 };
  expect(holdersOf(port, [init])).toEqual([]);
  expect(holdersOf(port, [init, self])).toEqual([self]);
});

test('a holder is described by what is known of it', () => {
  const age = (ms: number): string => `${ms / 1000} s`;
  const process = { pid: 4711, command: 'python3 app.py', ageMs: 185_000 };
  expect(describeHolder({ process, uid: 0 }, age)).toBe('python3 app.py (pid 4711, up for 185 s)');
  expect(describeHolder({ process: null, uid: 33 }, age)).toBe('a process of another user (uid 33)');
  expect(describeHolder({ process: null, uid: null }, age)).toBe('a process that cannot be seen from here');
});
