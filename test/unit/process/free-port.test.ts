import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { troubleOf } from '../../../src/core/failure.ts';
import { pickFreePort } from '../../../src/process/system/free-port.ts';
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
