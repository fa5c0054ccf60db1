/** Suites that others wrote, as their packages carry them: on these `shakedown prove` is tried itself. */

export interface Suite {
  readonly registry: 'npm' | 'PyPI';
  readonly name: string;
  /** An exact version, so that what is told of it stays true. */
  readonly version: string;
  /** What its tests need besides its dependencies, in exact versions where a later one would not do. */
  readonly needs: readonly string[];
  /** The components of a config as its maintainer would write it: it only calls the tests that are there. */
  readonly components: Readonly<Record<string, unknown>>;
  /** Files that the config needs, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** How many seconds its proof takes at most, where the usual ones are too few to tell much. */
  readonly seconds?: number;
  /** Why it cannot be proved, where that is known. */
  readonly disturbedBy?: string;
}

const tests = (run: string): Suite['components'] => ({ tests: { kind: 'command', run } });

/** Its fixture, which starts an httpbin in the process of the tests, gives way to the one that runs on its own. */
const ITS_HTTPBIN = `import os
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def httpbin():
    return SimpleNamespace(url="http://127.0.0.1:" + os.environ["PORT"])


@pytest.fixture(scope="session")
def httpbin_secure():
    pytest.skip("this httpbin has no TLS")
`;

/** Without the tests that need an address elsewhere. */
const ON_LOOPBACK = 'not timeout_connect and not connect_timeout and not test_errors';

export const SUITES: readonly Suite[] = [
  {
    registry: 'npm',
    name: 'busboy',
    version: '1.6.0',
    needs: [],
    components: tests('node test/test.js'),
  },
  {
    registry: 'npm',
    name: 'qs',
    version: '6.17.1',
    needs: [
      ...[
        'tape@5',
        'for-each',
        'has-property-descriptors',
        'iconv-lite@0.4',
        'mock-property',
        'object-inspect',
      ],
      ...[
        'has-override-mistake',
        'safer-buffer',
        'es-value-fixtures',
        'has-proto',
        'has-symbols',
        'has-bigints',
      ],
    ],
    components: tests("npx tape 'test/**/*.js'"),
    disturbedBy:
      'three of its assertions compare, by identity, the function that qs itself passes to a decoder or encoder with the one that they get from `lib/utils`, which is a stand-in',
  },
  {
    registry: 'npm',
    name: 'left-pad',
    version: '1.3.0',
    needs: ['tape@4', 'fast-check@0.0.8'],
    components: tests('node test'),
  },
  {
    registry: 'npm',
    name: 'json-stable-stringify',
    version: '1.3.0',
    needs: ['tape@5'],
    components: tests("npx tape 'test/**/*.js'"),
  },
  {
    registry: 'npm',
    name: 'light-my-request',
    version: '6.8.1',
    needs: [
      'express@5',
      'multer@2',
      'form-data@4',
      'end-of-stream@1',
      'form-auto-content@3',
      'formdata-node@6',
      'undici@7',
    ],
    components: tests('node --test'),
    seconds: 120,
  },
  {
    registry: 'PyPI',
    name: 'simplejson',
    version: '4.3.0',
    needs: [],
    components: tests('python -m unittest discover -s simplejson/tests -t .'),
  },
  {
    registry: 'PyPI',
    name: 'msgpack',
    version: '1.2.4',
    needs: ['pytest'],
    components: tests('pytest -q test'),
    seconds: 90,
  },
  {
    registry: 'PyPI',
    name: 'ujson',
    version: '6.1.0',
    needs: ['pytest'],
    components: tests('pytest -q tests'),
    seconds: 120,
  },
  {
    registry: 'PyPI',
    name: 'bottle',
    version: '0.13.4',
    needs: ['jinja2', 'mako'],
    components: tests('python -m unittest discover'),
    seconds: 60,
  },
  {
    registry: 'PyPI',
    name: 'requests',
    version: '2.32.5',
    needs: ['pytest', 'pytest-mock', 'PySocks', 'httpbin==0.10.4'],
    components: {
      tests: {
        kind: 'http',
        server: { run: 'flask --app httpbin run --port $PORT', port: 0 },
        client: `python -m pytest -q -x -p its_httpbin tests/test_requests.py -k '${ON_LOOPBACK}'`,
      },
    },
    files: { 'its_httpbin.py': ITS_HTTPBIN },
    seconds: 120,
  },
];
