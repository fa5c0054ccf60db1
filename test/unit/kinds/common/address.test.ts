/** What the URL of a service begins with, and what of it people are shown. */
import { expect, test } from 'vitest';
import { addressVariables } from '../../../../src/core/address.ts';
import type { Probe } from '../../../../src/core/suite.ts';
import { ms } from '../../../../src/core/units.ts';
import { addressOf, shownAddress } from '../../../../src/kinds/common/address.ts';
import { serviceSpec } from '../../../rig/service-spec.ts';

const asked = { type: 'http', path: '/', status: { from: 200, to: 399 }, timeout: ms(1000) } as const;
const tls = { verify: true, ca: null };
const inTls: Probe = { ...asked, tls };

test.each<[string, Probe, string | undefined, string]>([
  ['http://127.0.0.1:80', asked, undefined, 'http://127.0.0.1:80'],
  [
    'https://127.0.0.1:80',
    { type: 'all', probes: [{ type: 'port' }, inTls] },
    undefined,
    'https://127.0.0.1:80',
  ],
  // Most services of a suite speak HTTP, whatever is asked of them.
  ['http://127.0.0.1:80', { type: 'port' }, undefined, '127.0.0.1:80'],
  ['postgres://127.0.0.1:80', { type: 'port' }, 'postgres', 'postgres://127.0.0.1:80'],
  ['https://127.0.0.1:80', { type: 'grpc', service: '', timeout: ms(1), tls }, undefined, '127.0.0.1:80'],
  ['grpc+tls://127.0.0.1:80', inTls, 'grpc+tls', 'grpc+tls://127.0.0.1:80'],
])('%s', (url, ready, scheme, shown) => {
  const spec = serviceSpec({ ready, ...(scheme === undefined ? {} : { scheme }) });
  const address = addressOf(spec, 80);
  expect(addressVariables('db', address)).toEqual({ DB_PORT: '80', DB_HOST: '127.0.0.1', DB_URL: url });
  expect(shownAddress(spec, address)).toBe(shown);
});
