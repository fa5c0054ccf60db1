/** Well-known packages for Python, of every form in which they come: on these `shakedown package` is tried itself. */

export type PythonForm = 'pure' | 'C' | 'C++' | 'Rust' | 'Cython' | 'namespace' | 'stubs' | 'programs';

export interface KnownPython {
  /** As `shakedown package` takes it: an exact version, so that what is told of it stays true. */
  readonly spec: string;
  readonly form: PythonForm;
}

const known = (form: PythonForm, ...specs: readonly string[]): KnownPython[] =>
  specs.map((spec) => ({ spec: `pypi:${spec}`, form }));

export const PYTHON_PACKAGES: readonly KnownPython[] = [
  ...known(
    'pure',
    'attrs@26.1.0',
    'requests@2.34.2',
    'flask@3.1.3',
    'six@1.17.0',
    'packaging@26.4',
    'python-dateutil@4.0.0',
    'idna@3.20',
    'certifi@2026.10.19.post1',
    'tqdm@4.70.1',
  ),
  ...known(
    'pure',
    'typing-extensions@4.16.0',

    'jinja2@3.1.6',
    'beautifulsoup4@4.15.0',
    'tenacity@9.2.1',
    'starlette@1.10.0',
    'pydantic@2.14.4',
  ),
  ...known(
    'C',
    'numpy@2.4.6',
    'markupsafe@3.0.4',
    'psutil@7.2.2',
    'ujson@6.1.0',
    'simplejson@4.3.0',
    'wrapt@2.5.2',
    'zstandard@0.25.0',
    'bitarray@3.12.3',
    'cffi@2.1.1',
    'regex@2026.11.19',
  ),
  ...known(
    'C++',
    'greenlet@3.5.6',
    'contourpy@1.3.3',
    'kiwisolver@1.5.1',
    'rapidfuzz@3.14.6',
    'grpcio@1.85.3',
    'pybind11@3.1.0',
    'python-snappy@0.7.3',
    'xxhash@4.1.0',
  ),
  ...known(
    'Rust',
    'orjson@3.13.0',
    'cryptography@50.0.2',
    'pydantic-core@2.50.5',
    'rpds-py@2026.9.1',
    'watchfiles@1.3.0',
    'bcrypt@5.0.0',
    'jiter@0.19.0',
    'tokenizers@0.23.3',
  ),
  ...known(
    'Cython',
    'lxml@6.1.3',
    'pyyaml@6.0.4',
    'aiohttp@3.14.5',
    'yarl@1.25.1',
    'multidict@7.2.1',
    'msgpack@1.2.4',
    'uvloop@0.23.0',
  ),
  ...known(
    'namespace',
    'zope.interface@8.7',
    'google-api-core@2.44.0',
    'jaraco.functools@4.6.0',
    'azure-core@1.41.0',
    'backports.tarfile@1.2.0',
  ),
  ...known(
    'stubs',
    'types-requests@2.33.0.20261030',
    'types-PyYAML@6.0.12.20261122',
    'pandas-stubs@3.1.0.261029',
  ),
  ...known(
    'programs',
    'black@26.10.1',
    'httpie@3.2.4',
    'ruff@0.17.6',
    'cookiecutter@2.7.1',
    'mypy@2.4.1',
    'tox@4.67.15',
  ),
];
