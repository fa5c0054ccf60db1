/** The health check of gRPC against the server that most have: grpcio. */
import { expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import type { ProbeTls } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { GrpcLooks } from '../../../src/process/probes/grpc.ts';
import { installGrpc, startGrpc } from '../../rig/grpc.ts';

const lacking = installGrpc();
if (lacking !== undefined) console.warn(`SKIPPED: a real server of gRPC is not tried: ${lacking}`);

test.skipIf(lacking !== undefined)('by plain text and by TLS', async () => {
  const server = await startGrpc();
  onTestFinished(() => server[Symbol.dispose]());
  const { plain, secure, certificate } = server;
  const look = (port: number, tls?: ProbeTls, service = '') => {
    const probe = {
      type: 'grpc',
      service,
      timeout: ms(60_000),
      ...(tls === undefined ? {} : { tls }),
    } as const;
    return new GrpcLooks(probe, port, { clock: new Clock() }).look(new AbortController().signal);
  };
  const why = (text: string) => ({ ready: false, why: text, isHeard: true });
  expect(await look(plain)).toEqual({ ready: true });
  expect(await look(plain, undefined, 'shop.v1.Orders')).toEqual(
    why(`the health of shop.v1.Orders on port ${plain} is NOT_SERVING`),
  );
  // It does not know that one.
  expect(await look(plain, undefined, 'shop.v1.Order')).toEqual(
    why(`the health of shop.v1.Order on port ${plain} is UNKNOWN`),
  );
  expect(await look(secure, { verify: true, ca: certificate })).toEqual({ ready: true });
  expect(await look(secure, { verify: false, ca: null }, 'shop.v1.Orders')).toEqual(
    why(`the health of shop.v1.Orders on port ${secure} is NOT_SERVING`),
  );
  expect(await look(secure, { verify: true, ca: null })).toEqual(
    why(`port ${secure} has a certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)`),
  );
  expect(await look(secure)).toEqual(why(`port ${secure} closed the connection without an answer`));
  expect(await look(plain, { verify: false, ca: null })).toEqual(
    why(`port ${plain} answered, but not in TLS`),
  );
});
