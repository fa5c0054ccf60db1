import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { troubleOf } from '../../../src/core/failure.ts';
import { pickFreePort, portBelow } from '../../../src/process/system/free-port.ts';
import { exhaustDescriptors } from '../../rig/descriptors.ts';

test('a port that was picked is free', async () => {
  const port = await pickFreePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => server.close(resolve));
});

test.runIf(process.platform === 'linux')(
  'nobody gets it from the kernel before its server listens',
  async () => {
    const [first = 0, last = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .split(/\s+/)
      .map(Number);
    if (first < 15_000) return;
    for (let count = 0; count < 50; count++) {
      const port = await pickFreePort();
      expect(port < first || port > last, String(port)).toBe(true);
    }
  },
);

test('where the kernel gives nearly all ports, or does not say which, it is left to the kernel', () => {
  expect(portBelow('1024\t65535\n')).toBeUndefined();
  expect(portBelow('')).toBeUndefined();
  expect(portBelow('32768\t60999\n')).toBeLessThan(32768);
});

test('whoever is slow to open a port does not share it with the next one', async () => {
  const ports: number[] = [];
  for (let count = 0; count < 800; count++) ports.push(await pickFreePort());
  expect(new Set(ports).size).toBe(ports.length);
});

test.runIf(process.platform === 'linux')(
  'where no socket can be opened that is told, as trouble of the machine',
  async () => {
    let failure: unknown;
    {
      await using _ = await exhaustDescriptors();
      failure = await pickFreePort().catch((error: unknown) => error);
    }
    expect(troubleOf(failure)?.cause).toBe('Shakedown has reached its limit of open files');
  },
);
