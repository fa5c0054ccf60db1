import { createServer } from 'node:net';

function listenOn(
  host: string,
  port: number,
): Promise<{ port: number; close: () => Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
      resolve(typeof address === 'object' && address !== null ? { port: address.port, close } : undefined);
    });
  });
}

/**
 * A port that was free a moment ago on both loopback families, picked by the kernel.
 *
 * @throws when the machine has no free port left
 */
export async function pickFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const v4 = await listenOn('127.0.0.1', 0);
    if (v4 === undefined) continue;
    const v6 = await listenOn('::1', v4.port);
    await v4.close();
    await v6?.close();
    // A machine without IPv6 refuses the second one always; a port that is merely taken there is seen in the table.
    if (v6 !== undefined || attempt > 0) return v4.port;
  }
  throw new Error('no free port could be found on the loopback interface');
}
