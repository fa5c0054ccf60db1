/** How what is already there is asked whether it can be reached: at real sockets, on a clock that the test moves. */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Probe, SharedExternal } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { awaitReachable } from '../../../src/process/service/reachable.ts';
import { selfSigned } from '../../rig/certificates.ts';
import { VirtualTime } from '../../rig/virtual-time.ts';

const GET: Probe = { type: 'http', path: '/up', status: { from: 200, to: 299 }, timeout: ms(1000) };
const TLS: Probe = { ...GET, tls: { verify: false, ca: null } };

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Answers as the test says; `asked` resolves when it has been asked so many times. */
class There {
  status = 503;
  isSilent = false;
  #count = 0;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly listener: RequestListener = (_, response) => {
    this.#count += 1;
    for (const { count, resolve } of this.#waiting) if (this.#count >= count) resolve();
    response.statusCode = this.status;
    if (!this.isSilent) response.end();
  };

  asked(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#count >= count) resolve();
      this.#waiting.push({ count, resolve });
    });
  }
}

interface Wait {
  readonly time: VirtualTime;
  readonly stop: AbortController;
  readonly found: Promise<Finding | undefined>;
}

function wait(port: number, ready: Probe, host = '127.0.0.1'): Wait {
  const time = new VirtualTime();
  const stop = new AbortController();
  const url = `http://me:hidden-one@${host}:${port}`;
  const spec: SharedExternal = {
    ...{ type: 'external', name: 'api', needs: [], fresh: false, ready, url, readyTimeout: ms(30_000) },
    address: { scheme: 'http', host, port, url },
  };
  const asking = { clock: new Clock(time), version: '0', signal: stop.signal, hurry: AbortSignal.abort() };
  return { time, stop, found: awaitReachable(spec, asking) };
}

describe('over HTTP', () => {
  test('a wrong answer is not the end: it is asked again, until it is the right one', async () => {
    const there = new There();
    const { found } = wait(await listening(createHttpServer(there.listener)), GET);
    await there.asked(3);
    there.status = 204;
    expect(await found).toBeUndefined();
  });

  test('at its time limit, the last answer is the reason, and the URL is shown without its password', async () => {
    const there = new There();
    const port = await listening(createHttpServer(there.listener));
    const { time, found } = wait(port, GET);
    // By then the first answer is known.
    await there.asked(2);
    time.pass(30_000);
    const finding = await found;
    expect(finding).toMatchObject({ code: 'not-ready', step: 'api', waitedMs: 30_000 });
    expect(finding?.message).toBe(
      `api could not be reached at http://127.0.0.1:${port} within 30.00 s: GET /up answered 503`,
    );
    expect(JSON.stringify(finding)).not.toContain('hidden-one');
  });

  test('one that keeps silent is asked again, after twice the time', async () => {
    const there = new There();
    there.isSilent = true;
    const { time, found } = wait(await listening(createHttpServer(there.listener)), GET);
    await there.asked(1);
    time.pass(1000);
    await there.asked(2);
    time.pass(29_000);
    expect((await found)?.message).toMatch(/GET \/up got no answer$/);
  });

  test('by TLS, verified unless it need not be', async () => {
    const there = new There();
    there.status = 200;
    const [cert, key] = selfSigned();
    const port = await listening(createTlsServer({ cert, key }, there.listener));
    expect(await wait(port, TLS).found).toBeUndefined();
  });

  test('of several conditions all, or any, must hold', async () => {
    const there = new There();
    const port = await listening(createHttpServer(there.listener));
    expect(await wait(port, { type: 'any', probes: [GET, { type: 'port' }] }).found).toBeUndefined();
    const both = wait(port, { type: 'all', probes: [{ type: 'port' }, GET] });
    await there.asked(4);
    both.time.pass(30_000);
    expect((await both.found)?.message).toMatch(/answered 503$/);
  });
});

describe('by a connection alone', () => {
  test('one that is accepted is enough', async () => {
    const port = await listening(createHttpServer());
    expect(await wait(port, { type: 'port' }).found).toBeUndefined();
  });

  test('a wait that is cut short finds nothing', async () => {
    const { stop, found } = wait(1, { type: 'port' });
    stop.abort();
    expect(await found).toBeUndefined();
  });
});
