/** What a server said before it was gone is read, though the client was writing when it found out. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { Http2Connection } from '../../../src/load/engine/http2/connection.ts';
import { Recorder } from '../../../src/load/engine/measure/recorder.ts';
import { encodeHttp2 } from '../../../src/load/engine/request/encode.ts';
import { RequestSource } from '../../../src/load/engine/request/source.ts';
import { connector } from '../../../src/load/engine/socket.ts';
import { selfSigned } from '../../rig/certificates.ts';
import { planFor } from './plans.ts';

const SERVER = join(import.meta.dirname, '../../fixtures/hostile-http2/says-it-last.mjs');

test.each([
  { by: 'an end', over: 'TCP' },
  { by: 'a reset', over: 'TCP' },
  { by: 'an end', over: 'TLS' },
])('by $by, over $over', async ({ by, over }) => {
  const flags = new Int32Array(new SharedArrayBuffer(4));
  const [cert, key] = over === 'TLS' ? selfSigned() : [];
  const server = new Worker(SERVER, { workerData: { flags, isByReset: by === 'a reset', cert, key } });
  onTestFinished(async () => {
    await server.terminate();
  });
  const [port] = await once(server, 'message');
  const url = `${over === 'TLS' ? 'https' : 'http'}://127.0.0.1:${port}/`;
  const plan = planFor(url, { timeouts: { connect: ms(20_000), response: ms(20_000) } });
  const untrusting = { ...plan, tls: { ...plan.tls, verify: false } };
  const recorder = new Recorder(plan, 0, performance.now());
  const readBuffer = Buffer.allocUnsafeSlow(65_536);
  let hasStood = false;
  const connection: Http2Connection = new Http2Connection({
    source: new RequestSource(plan, { worker: 0, workers: 1 }, encodeHttp2(new URL(url))),
    recorder,
    connect: connector(untrusting, readBuffer, 'h2'),
    readyEvent: over === 'TLS' ? 'secureConnect' : 'connect',
    readBuffer,
    pipelining: 5,
    timeouts: plan.timeouts,
    onFree: () => {
      if (hasStood || recorder.measured.completed === 0) return;
      hasStood = true;
      // Whatever the server says from now on lies unread while two requests more are written, one after the other.
      Atomics.store(flags, 0, 1);
      Atomics.notify(flags, 0);
      Atomics.wait(flags, 0, 1, 20_000);
      connection.send(performance.now());
      process.nextTick(() => process.nextTick(() => connection.send(performance.now())));
    },
  });
  onTestFinished(() => connection.finish(performance.now()));
  for (let i = 0; i < 3; i += 1) connection.send(performance.now());
  await expect.poll(() => connection.inFlight, { timeout: 20_000, interval: 5 }).toBe(0);
  expect(recorder.failures.map(({ message }) => message)).toEqual([]);
  expect(recorder.measured).toMatchObject({ completed: 5, failed: 0, timedOut: 0 });
});
