/** What is found in folders: of every project that is a fixture, as it lies in the repository, and of what is installed. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookAtProject } from '../../../src/starter/look/index.ts';
import { lookAtMakefile } from '../../../src/starter/look/makefile.ts';
import { Tree } from '../../../src/starter/look/tree.ts';
import { lookAtCompose, lookAtProcfile } from '../../../src/starter/look/words.ts';
import { propose } from '../../../src/starter/propose/index.ts';
import { PROJECT_CASES } from '../../fixtures/projects.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/projects');

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shakedown-look-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}
const look = () => lookAtProject(root, 'integration', '');

test.each(PROJECT_CASES)('of the project $name the components are found', ({ name, passed }) => {
  const { suite, lacking } = propose(lookAtProject(join(FIXTURES, name), 'integration', ''));
  expect(lacking).toBeNull();
  expect(Object.keys(suite.components)).toEqual(passed);
});

describe('installed packages', () => {
  const locked = (version: string, more: object = {}) => ({
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/a': { version }, ...more },
  });
  const stateOf = () => look().node?.installed;

  beforeEach(() => write('package.json', { dependencies: { a: '^1.0.0' } }));

  test('are missing where there is no folder of them', () => {
    write('package-lock.json', locked('1.0.0'));
    expect(stateOf()).toEqual({ state: 'missing' });
  });

  test('match where npm has installed what the lock file says', () => {
    write(
      'package-lock.json',
      locked('1.0.0', { 'node_modules/only-elsewhere': { version: '2.0.0', optional: true } }),
    );
    write('node_modules/.package-lock.json', locked('1.0.0'));
    write('node_modules/a/package.json', { version: '1.0.0' });
    expect(stateOf()).toEqual({ state: 'matches' });
  });

  test('match as well where another tool has put them there', () => {
    write('package-lock.json', locked('1.0.0'));
    write('node_modules/a/package.json', { version: '1.0.0' });
    expect(stateOf()).toEqual({ state: 'matches' });
  });

  test('differ by a version, and it is said which', () => {
    write('package-lock.json', locked('1.1.0'));
    write('node_modules/.package-lock.json', locked('1.0.0'));
    write('node_modules/a/package.json', { version: '1.0.0' });
    expect(stateOf()).toEqual({ state: 'differs', why: 'a is 1.0.0, and the lock file wants 1.1.0' });
  });

  test('differ where one is not there', () => {
    write('pnpm-lock.yaml', 'lockfileVersion: 9.0\n');
    write('node_modules/b/package.json', { version: '1.0.0' });
    expect(stateOf()).toEqual({ state: 'differs', why: 'a is not installed' });
  });

  test('of a package of a monorepo are found above', () => {
    write('package.json', { workspaces: ['packages/*'] });
    write('packages/x/package.json', { dependencies: { a: '1' } });
    write('node_modules/a/package.json', { version: '1.0.0' });
    expect(look().packages.map(({ installed }) => installed.state)).toEqual(['matches']);
  });
});

test('what is loaded before the tests may start the server, whatever it is called', () => {
  write('package.json', { scripts: { test: 'node --import ./before.js --test' } });
  write('before.js', 'app.listen(3000)');
  write('a.test.js', "fetch('http://localhost:3000')");
  expect(look().node?.tests.map(({ signs }) => signs.needsServer)).toEqual([false]);
});

describe('the manager of packages', () => {
  test.each([
    ['package-lock.json', '{}', 'npm'],
    ['pnpm-lock.yaml', '', 'pnpm'],
    ['yarn.lock', '# yarn lockfile v1\n', 'yarn'],
    ['yarn.lock', '# This file is generated\n\n__metadata:\n  version: 8\n', 'yarn-berry'],
    ['bun.lock', '{}', 'bun'],
  ])('by %s', (file, content, manager) => {
    write('package.json', {});
    write(file, content);
    expect(look().node).toMatchObject({ manager, lockFile: file });
  });

  test('by what the package says where there are several lock files', () => {
    write('package.json', { packageManager: 'pnpm@9.0.0' });
    write('package-lock.json', '{}');
    write('pnpm-lock.yaml', '');
    expect(look().node?.manager).toBe('pnpm');
  });
});

describe('Python', () => {
  const app = (path: string, content: string) => {
    write('requirements.txt', 'flask>=3 # a comment\n-r more.txt\nuvloop; sys_platform != "win32"\n');
    write('more.txt', 'gunicorn==23.0.0\n');
    write(path, content);
    return look().python?.app;
  };

  test.each([
    ['app.py', 'app = Flask(__name__)', { framework: 'flask', module: 'app', variable: 'app' }],
    [
      'api/main.py',
      'api: FastAPI = FastAPI()',
      { framework: 'fastapi', module: 'api.main', variable: 'api' },
    ],
    ['src/shop/wsgi.py', 'application = make()', { framework: 'wsgi', module: 'shop.wsgi', folder: 'src' }],
    ['x/asgi.py', 'application = get_asgi_application()', { framework: 'asgi', module: 'x.asgi' }],
    ['hello.py', 'def hello(environ, start_response):\n', { framework: 'wsgi', variable: 'hello' }],
    ['hello.py', 'async def hello(scope, receive, send):\n', { framework: 'asgi', variable: 'hello' }],
    ['shop/__init__.py', 'def create_app():\n  return Flask(__name__)', { module: 'shop', isFactory: true }],
    ['manage.py', 'execute_from_command_line()', { framework: 'django' }],
    ['serve.py', 'HTTPServer(("", 8000), H).serve_forever()', { framework: 'script', module: 'serve.py' }],
  ])('%s: %s', (path, content, found) => {
    expect(app(path, content)).toMatchObject(found);
  });

  test('what is asked for is read from every list', () => {
    app('app.py', '');
    write(
      'pyproject.toml',
      '[project]\nname = "x"\ndependencies = [\n  "httpx[http2]>=0.2",\n  "Some_Thing",\n]\n',
    );
    expect(look().python?.dependencies).toEqual(['flask', 'gunicorn', 'httpx', 'some-thing']);
  });

  test('scripts that bring a database into shape are known by their names, if they do something', () => {
    app('app.py', 'app = Flask(__name__)');
    write('migrations.py', 'class Migration:\n    pass\n');
    expect(look().python?.data).toEqual([]);
    write(
      'scripts/init_db.py',
      'with connect() as db:\n    db.execute("CREATE TABLE IF NOT EXISTS a (b)")\n',
    );
    write('seed.py', 'def seed(): ...\n\nif __name__ == "__main__":\n    seed()\n');
    const [migrate, seed] = ['scripts/init_db.py', 'seed.py'];
    expect(look().python?.data).toEqual([
      { name: migrate, kind: 'migrate', isRepeatable: true, files: [migrate] },
      { name: seed, kind: 'seed', isRepeatable: false, files: [seed] },
    ]);
  });

  test('the tool of its migrations is known by its file', () => {
    app('app.py', 'app = Flask(__name__)');
    expect(look().python?.migrations).toBeNull();
    write('alembic.ini', '[alembic]\n');
    expect(look().python?.migrations).toBe('alembic');
    write('migrations/alembic.ini', '[alembic]\n');
    expect(look().python?.migrations).toBe('flask-migrate');
  });

  test.each([
    ['[build-system]\nbuild-backend = "maturin"\n', '', 'maturin'],
    ['[build-system]\nbuild-backend = "mesonpy"\n', '', 'meson'],
    ['', 'setup(name="x", ext_modules=[Extension("x", ["x.c"])])', 'setuptools'],
    ['[project]\nname = "x"\n', '', null],
  ])('an extension is known by what builds it', (pyproject, setup, extension) => {
    write('pyproject.toml', pyproject);
    if (setup !== '') write('setup.py', setup);
    expect(look().python?.extension).toBe(extension);
  });
});

describe('files that say how a project is run', () => {
  test('a Procfile, and whether its programs are there', () => {
    write('Procfile', 'web: PORT=1 ./run --fast\n# no\nworker: nowhere -x\n');
    write('run', '');
    expect(lookAtProcfile(new Tree(root), '')).toEqual({
      web: { line: 'PORT=1 ./run --fast', lacking: null },
      worker: { line: 'nowhere -x', lacking: 'nowhere' },
    });
  });

  test('a Makefile: what its targets do is read in what they call', () => {
    write(
      'Makefile',
      'PORT := 3000\nall: build\nbuild:\n\tcc x.c\nsmoke e2e: build\n\tsh smoke.sh\nintegration:\n\tdocker compose up -d \\\n\t&& ./try\n',
    );
    write('smoke.sh', 'curl --fail http://localhost:$PORT/\n');
    const targets = lookAtMakefile(new Tree(root)).map(({ name, signs }) => [name, signs.needsServer]);
    expect(targets).toEqual([
      ['integration', false],
      ['e2e', true],
      ['smoke', true],
    ]);
  });

  test('a Makefile: what its targets come to, through variables, targets and what they gather', () => {
    write(
      'Makefile',
      [
        'GO ?= go',
        'RUN := $(GO) test',
        '.PHONY: test smoke',
        'test: ## runs all',
        '\t@echo testing $$PWD',
        '\t@$(RUN) -v ./... && echo done',
        'integration: unit smoke # all of it',
        'unit: ; $(RUN) ./unit',
        'smoke: SHELL = bash',
        'smoke:',
        '\t-$(MAKE) -s unit',
        '\tPARCELS_URL=http://localhost:8002 $(RUN) ./smoke/...',
        '',
      ].join('\n'),
    );
    write('smoke/api_test.go', 'package smoke');
    const commands = lookAtMakefile(new Tree(root)).map((target) => [target.name, target.commands]);
    const smoke = ['go test ./unit', 'PARCELS_URL=http://localhost:8002 go test ./smoke/...'];
    expect(commands).toEqual([
      ['integration', ['go test ./unit', ...smoke]],
      ['smoke', smoke],
      ['test', ['go test -v ./...']],
    ]);
  });

  test('a Makefile: the tests in the folders that it names are read as well', () => {
    write('Makefile', 'e2e:\n\tgo test -tags=e2e ./e2e/...\nsmoke:\n\tcd e2e && go vet ./...\n');
    write('e2e/api_test.go', 'os.Getenv("PARCELS_URL")');
    expect(lookAtMakefile(new Tree(root)).map(({ name, signs }) => [name, signs.needsServer])).toEqual([
      ['e2e', true],
      ['smoke', false],
    ]);
  });

  test('a compose file: its services, and nothing else of it', () => {
    write(
      'docker-compose.yml',
      'version: "3"\nservices:\n  db:\n    image: postgres\n    ports:\n      - 1:1\n  web:\n    build: .\nvolumes:\n  data:\n',
    );
    expect(lookAtCompose(new Tree(root))).toEqual({ file: 'docker-compose.yml', services: ['db', 'web'] });
  });
});

test('what only the shell has in PYTHONPATH is written down, and told where it is none of the project', () => {
  write('pyproject.toml', '[project]\nname = "x"\n');
  write('tests/test_x.py', 'import unittest\nclass X(unittest.TestCase):\n  def test_x(self): pass\n');
  const found = propose(lookAtProject(root, 'integration', '', `src:${join(root, 'lib')}::/elsewhere`));
  expect(found.suite.env).toEqual({ PYTHONPATH: 'src:lib' });
  expect(found.notes).toContainEqual(expect.stringContaining('tried with /elsewhere in PYTHONPATH'));
  expect(propose(look()).suite.env).toBeUndefined();
});

test.each([
  ['//go:build e2e\n', false],
  ['//go:build linux && integration\n', false],
  ['//go:build !e2e\n', true],
  ['//go:build linux || darwin\n', true],
  ['', true],
])('a test of Go below %j is one of go test: %j', (constraint, isOne) => {
  write('go.mod', 'module example.com/x\n');
  write('x_test.go', `${constraint}package x\nvar url = os.Getenv("X_URL")\n`);
  expect(look().others[0]?.tests?.needsServer ?? false).toBe(isOne);
});

describe('looking', () => {
  test('does not follow links in circles, nor open what installers fill', () => {
    write('src/a.js', '');
    write('node_modules/x/b.js', '');
    write('.hidden/c.js', '');
    symlinkSync(root, join(root, 'src/again'));
    expect(new Tree(root).files(/\.js$/)).toEqual(['src/a.js']);
  });

  test('gets along with what cannot be read as what it should be', () => {
    write(
      'package.json',
      '{ "scripts": ["no"], "dependencies": 7, "workspaces": { "packages": [1, "none/*"] } }',
    );
    write('Makefile', '\u0000\u0001');
    write('compose.yaml', 'services: [');
    mkdirSync(join(root, 'Procfile'));
    mkdirSync(join(root, 'pyproject.toml'));
    expect(propose(look()).lacking).not.toBeNull();
  });
});

test('links in circles are neither files nor folders', () => {
  write('package.json', { scripts: { start: 'node server.js' } });
  for (const name of [
    'circle',
    'server.js',
    'Makefile',
    'pyproject.toml',
    'package-lock.json',
    'integration',
  ])
    symlinkSync(name, join(root, name));
  const tree = new Tree(root);
  expect([tree.isFile('circle'), tree.isFolder('circle'), tree.text('circle')]).toEqual([
    false,
    false,
    undefined,
  ]);
  expect(look).not.toThrow();
});
