/** How to connect: to which address, from which, by which protocol, and with whose certificates. */
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type { LoadRoute, LoadTls } from '../../core/load.ts';
import type { Mistakes, Path } from './mistakes.ts';
import type { LoadOptions } from './options.ts';
import { LOAD_WORDS } from './words.ts';

export function toRoute(options: LoadOptions, mistakes: Mistakes): LoadRoute {
  const { unix, connectTo, source } = options;
  for (const option of ['connectTo', 'source'] as const) {
    const address = options[option];
    mistakes.exclude('a unix socket has no address', [
      [['unix'], unix !== undefined],
      [[option], address !== undefined],
    ]);
    if (address !== undefined && isIP(address) === 0)
      mistakes.about([option], `"${address}" is not an address`, 'write it as 127.0.0.1 or ::1');
  }
  return {
    address: connectTo ?? null,
    unixSocket: unix === undefined ? null : mistakes.resolve(unix),
    localAddress: source ?? null,
  };
}

/** Rejects options that contradict each other on one connection. */
export function checkConnection(options: LoadOptions, mistakes: Mistakes): void {
  const { pipelining, streams, http2 = false, keepAlive = LOAD_WORDS.keepAlive.default } = options;
  mistakes.exclude('HTTP/2 has streams instead', [
    [['pipelining'], pipelining !== undefined],
    [['http2'], http2],
  ]);
  const several: Path = pipelining === undefined ? ['http2'] : ['pipelining'];
  mistakes.exclude('pipelining needs connections that are kept', [
    [['keepAlive'], !keepAlive],
    [several, pipelining !== undefined || http2],
  ]);
  if (streams !== undefined && !http2)
    mistakes.add(
      ['streams'],
      `${mistakes.nameOf('streams')} needs ${mistakes.nameOf('http2')}`,
      `for HTTP/1.1 there is ${mistakes.nameOf('pipelining')}`,
    );
}

type PemOption = 'ca' | 'cert' | 'key';

const IS_PEM = /-----BEGIN /;

function pemOf(option: PemOption, options: LoadOptions, mistakes: Mistakes): string | null {
  const value = options[option];
  if (value === undefined) return null;
  if (IS_PEM.test(value)) return value;
  const text = mistakes.read([option], value)?.toString('utf8') ?? null;
  if (text === null || IS_PEM.test(text)) return text;
  mistakes.about([option], `${value} contains no PEM`, 'PEM has lines such as -----BEGIN CERTIFICATE-----');
  return null;
}

/** Reports what OpenSSL rejects in a certificate and its key. */
function checkPair(tls: LoadTls, mistakes: Mistakes): void {
  const { ca, cert, key } = tls;
  if (ca === null && cert === null && key === null) return;
  // Loaded on demand: most configs do not need it.
  const { createSecureContext } = createRequire(import.meta.url)('node:tls') as typeof import('node:tls');
  try {
    createSecureContext({
      ...(ca === null ? {} : { ca }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
    });
  } catch (error) {
    const culprit = cert === null ? 'ca' : 'cert';
    mistakes.about(
      [culprit],
      `OpenSSL refuses it: ${(error as Error).message}`,
      'give a certificate and the key that belongs to it',
    );
  }
}

export function toTls(options: LoadOptions, scheme: 'http' | 'https', mistakes: Mistakes): LoadTls {
  const { insecure = false, ca, cert, key, serverName } = options;
  const given = (['insecure', 'ca', 'cert', 'key', 'serverName'] as const).filter(
    (option) => options[option] !== undefined && options[option] !== false,
  );
  const [first] = given;
  if (first !== undefined && scheme === 'http')
    mistakes.add(
      [first],
      `${given.map((option) => mistakes.nameOf(option)).join(' and ')} has no effect without TLS`,
      `TLS needs ${mistakes.nameOf('https')}`,
    );
  mistakes.exclude('a certificate is either verified or not', [
    [['insecure'], insecure],
    [['ca'], ca !== undefined],
  ]);
  if ((cert === undefined) !== (key === undefined)) {
    const [there, lacking] = cert === undefined ? (['key', 'cert'] as const) : (['cert', 'key'] as const);
    mistakes.add(
      [there],
      `${mistakes.nameOf(there)} needs its ${mistakes.nameOf(lacking)}`,
      'a client certificate is given by both',
    );
  }
  const tls: LoadTls = {
    verify: !insecure,
    ca: pemOf('ca', options, mistakes),
    cert: pemOf('cert', options, mistakes),
    key: pemOf('key', options, mistakes),
    serverName: serverName ?? null,
  };
  checkPair(tls, mistakes);
  return tls;
}
