/** Certificates for tests, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate and its key, in PEM. */
export type Pair = readonly [certificate: string, key: string];

/** A certificate for `localhost` that is its own authority. */
export function selfSigned(name = 'localhost'): Pair {
  const dir = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const files = ['-keyout', join(dir, 'key'), '-out', join(dir, 'cert')];
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    openssl('req', '-x509', ...KEY, ...files, ...names, '-days', '2');
    return [readFileSync(join(dir, 'cert'), 'utf8'), readFileSync(join(dir, 'key'), 'utf8')];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A certificate authority. */
export class Authority implements Disposable {
  readonly certificate: string;
  readonly #dir = mkdtempSync(join(tmpdir(), 'authority-'));

  constructor() {
    const files = ['-keyout', this.#path('ca.key'), '-out', this.#path('ca.pem')];
    openssl('req', '-x509', ...KEY, ...files, '-subj', '/CN=Authority of the tests', '-days', '2');
    this.certificate = readFileSync(this.#path('ca.pem'), 'utf8');
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  /** A certificate for a host, or for a client of that name. */
  issue(name: string): Pair {
    openssl(
      ...['req', ...KEY, '-keyout', this.#path('key'), '-out', this.#path('request')],
      ...['-subj', `/CN=${name}`],
    );
    writeFileSync(this.#path('names'), `subjectAltName=${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}\n`);
    openssl(
      ...['x509', '-req', '-in', this.#path('request'), '-out', this.#path('cert'), '-days', '2'],
      ...['-CA', this.#path('ca.pem'), '-CAkey', this.#path('ca.key'), '-CAcreateserial'],
      ...['-extfile', this.#path('names')],
    );
    return [readFileSync(this.#path('cert'), 'utf8'), readFileSync(this.#path('key'), 'utf8')];
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
