/** From facts to a config: nothing is looked at, nothing is started. */
import { describe, expect, test } from 'vitest';
import type { HttpOptions } from '../../../src/kinds/http/options.ts';
import type {
  NodeFacts,
  ProjectFacts,
  PythonApp,
  PythonFacts,
  TestSigns,
} from '../../../src/starter/facts.ts';
import { propose } from '../../../src/starter/propose/index.ts';
import { ASKS, NOTHING, node, OWN, other, python, SERVES } from './facts.ts';

const of = (facts: Partial<ProjectFacts>) => propose({ ...NOTHING, ...facts });
const ofNode = (facts: Partial<NodeFacts>) => of({ node: node(facts) });
const componentsOf = (facts: Partial<ProjectFacts>) => of(facts).suite.components;
const setupOf = (facts: Partial<NodeFacts>) => ofNode(facts).suite.setup;

function httpOf(facts: Partial<ProjectFacts>, name = 'http'): HttpOptions {
  const component = componentsOf(facts)[name];
  if (component?.kind !== 'http')
    throw new Error(`there is no ${name}: ${JSON.stringify(componentsOf(facts))}`);
  return component;
}
const serverOf = (facts: Partial<NodeFacts>) => httpOf({ node: node(facts) }).server;

describe('what is installed', () => {
  const served = { scripts: { start: 'node server.js' }, server: SERVES };

  test('is left alone where it matches', () => {
    expect(setupOf(served)).toBeUndefined();
  });

  test('is brought about by the manager of the lock file, and what is there and fits is never removed', () => {
    const runs = (['npm', 'pnpm', 'yarn', 'yarn-berry', 'bun'] as const).map((manager) => {
      const facts = { ...served, manager, installed: { state: 'missing' } as const };
      return setupOf(facts)?.map((step) => (typeof step === 'object' && 'run' in step ? step.run : step));
    });
    expect(runs).toEqual([
      ['npm ls >/dev/null 2>&1 || npm ci'],
      ['pnpm install --frozen-lockfile'],
      ['yarn install --frozen-lockfile'],
      ['yarn install --immutable'],
      ['bun install --frozen-lockfile'],
    ]);
  });

  test('is known again by its inputs and outputs, and asked about before it is tried', () => {
    const { suite, weighty } = ofNode({ ...served, installed: { state: 'missing' } });
    expect(suite.setup).toMatchObject([
      { inputs: ['package.json', 'package-lock.json'], outputs: ['node_modules'] },
    ]);
    expect(weighty).toMatchObject([{ weight: 'install' }]);
  });

  test('scripts are run by npm where their manager is not there, and that is said', () => {
    const { notes } = ofNode({ ...served, manager: 'pnpm', hasManager: false });
    expect(notes).toEqual(['pnpm is not installed, so npm runs the scripts']);
    expect(serverOf({ ...served, manager: 'pnpm', hasManager: false })?.run).toBe('npm start');
  });
});

describe('the server of Node', () => {
  test.each([
    ['PORT is read', { type: 'variable', name: 'PORT' }, { run: 'npm start', port: 0 }],
    [
      'another variable is read',
      { type: 'variable', name: 'API_PORT' },
      { run: 'API_PORT=$PORT npm start', port: 0 },
    ],
    ['it always takes one', { type: 'fixed', port: 4000 }, { run: 'npm start', port: 4000 }],
    ['nothing is known', { type: 'unknown' }, { run: 'npm start', port: 0 }],
  ] as const)('%s', (_, port, server) => {
    expect(serverOf({ scripts: { start: 'node server.js' }, server: { ...SERVES, port } })).toEqual(server);
  });

  test('is never waited for by GET / before that was seen to be answered', () => {
    expect(serverOf({ scripts: { start: 'node server.js' }, server: SERVES })).not.toHaveProperty('ready');
  });

  test.each([
    ['next start', 'npm start', 0],
    ['next dev', 'npm start', 0],
    ['vite', 'npm start -- --port $PORT --strictPort', 0],
    ['vite --port 4000', 'npm start', 4000],
    ['PORT=4000 node server.js', 'npm start', 4000],
    ['cross-env NODE_ENV=production node server.js', 'npm start', 0],
    ['serve dist', 'npm start -- -l $PORT', 0],
    ['npm run build && node dist/server.js', 'npm start', 0],
  ])('%s', (line, run, port) => {
    expect(serverOf({ scripts: { start: line }, server: SERVES })).toEqual({ run, port });
  });

  test.each([
    ['node cli.js', {}],
    ['tsc --watch', { server: SERVES }],
    ['docker compose up', { server: SERVES }],
    ['electron .', { server: SERVES }],
    ['vite build', {}],
  ])('%s is none', (line, facts) => {
    expect(ofNode({ scripts: { start: line }, ...facts }).lacking).not.toBeNull();
  });

  test('arguments go to a script as its manager passes them on', () => {
    const run = (manager: NodeFacts['manager']) => serverOf({ manager, scripts: { dev: 'vite' } })?.run;
    expect(run('npm')).toBe('npm run dev -- --port $PORT --strictPort');
    expect(run('pnpm')).toBe('pnpm run dev --port $PORT --strictPort');
    expect(run('yarn')).toBe('yarn run dev --port $PORT --strictPort');
  });

  test('`start` before `dev`, and a person may say otherwise', () => {
    const facts = {
      ...NOTHING,
      node: node({ scripts: { dev: 'next dev', start: 'next start', build: 'next build' } }),
    };
    const byDefault = propose(facts);
    expect(byDefault.questions).toEqual([
      { id: 'server:http', text: 'What starts the server?', options: ['npm start', 'npm run dev'] },
    ]);
    expect(byDefault.suite.setup).toMatchObject([{ run: 'npm run build', outputs: ['.next'] }]);
    const { suite } = propose(facts, { 'server:http': 1 });
    expect(suite.components.http).toMatchObject({ server: { run: 'npm run dev' } });
    expect(suite.setup).toBeUndefined();
  });

  test('a script that only calls another one is no choice', () => {
    const scripts = { start: 'npm run serve', serve: 'node server.js' };
    expect(ofNode({ scripts, server: SERVES }).questions).toEqual([]);
  });

  test('what serves without a script is started by its file', () => {
    expect(serverOf({ entry: 'server.js', server: SERVES })?.run).toBe('node server.js');
  });
});

describe('before the server', () => {
  const scripts = { start: 'node dist/server.js', build: 'tsc' };
  const names = (facts: Partial<NodeFacts>) =>
    setupOf({ server: SERVES, ...facts })?.map((step) =>
      typeof step === 'object' && 'run' in step ? step.name : step,
    );

  test('comes the build, where it runs what a build makes', () => {
    expect(setupOf({ scripts, server: SERVES })).toEqual([
      { run: 'npm run build', name: 'build', inputs: ['package.json', 'src'], outputs: ['dist'] },
    ]);
    expect(names({ scripts: { ...scripts, start: 'node server.js' } })).toBeUndefined();
  });

  test('comes the build, where it serves what a build makes', () => {
    const all = { start: 'node api.js', build: 'vite build', dev: 'vite' };
    const { suite, questions } = ofNode({ scripts: all, server: { ...SERVES, built: 'dist' } });
    expect(suite.setup).toMatchObject([{ run: 'npm run build', outputs: ['dist'] }]);
    expect(questions).toHaveLength(1);
  });

  test('comes the addon, by the script that builds it', () => {
    const addon = { isBuilt: false, sources: ['binding.gyp', 'a.c'] };
    expect(
      setupOf({ scripts: { install: 'node-gyp rebuild', start: 'node s.js' }, server: SERVES, addon }),
    ).toEqual([
      { run: 'npm run install', name: 'build', inputs: ['binding.gyp', 'a.c'], outputs: ['build'] },
    ]);
  });

  test('the build is not done twice', () => {
    expect(names({ scripts: { ...scripts, prestart: 'npm run build' } })).toBeUndefined();
    expect(names({ scripts: { ...scripts, start: 'npm run build && node dist/server.js' } })).toBeUndefined();
  });

  const migrate = { name: 'db:migrate', kind: 'migrate', isRepeatable: true, files: [] } as const;
  const seed = { name: 'seed', kind: 'seed', isRepeatable: false, files: ['seed.js'] } as const;

  test('comes the database: a seed that cannot be sown twice is sown once', () => {
    const all = { ...scripts, 'db:migrate': 'x', seed: 'y' };
    const { suite, weighty } = ofNode({ scripts: all, server: SERVES, data: [migrate, seed] });
    expect(suite.setup).toMatchObject([
      { name: 'build' },
      { run: 'npm run db:migrate' },
      { run: 'npm run seed', inputs: ['seed.js'] },
    ]);
    expect(suite.setup?.[1]).not.toHaveProperty('inputs');
    expect(weighty.map(({ weight }) => weight)).toEqual(['data', 'data']);
  });

  test('and not where the start does that itself', () => {
    const all = { start: 'node server.js', prestart: 'npm run db:migrate' };
    expect(names({ scripts: all, data: [migrate] })).toBeUndefined();
  });
});

describe('tests', () => {
  const served = { scripts: { start: 'node server.js', test: 'node --test' }, server: SERVES };
  const script = (name: string, signs: typeof ASKS) => ({ name, text: 'node --test', signs });

  test('that ask a server are its client', () => {
    const components = componentsOf({ node: node({ ...served, tests: [script('test', ASKS)] }) });
    expect(components).toEqual({
      http: { kind: 'http', server: { run: 'npm start', port: 0 }, client: 'npm test' },
    });
  });

  test('that start what they try are a command, and the built-in client asks the server', () => {
    const components = componentsOf({ node: node({ ...served, tests: [script('test', OWN)] }) });
    expect(components).toMatchObject({
      http: { client: { kind: 'load' } },
      test: { kind: 'command', run: 'npm test' },
    });
  });

  test('are told the address as they want to be told', () => {
    const client = (variable: string) =>
      httpOf({ node: node({ ...served, tests: [script('test', { ...ASKS, variable })] }) }).client;
    expect(client('BASE_URL')).toBe('BASE_URL=http://localhost:$PORT npm test');
    expect(client('API_PORT')).toBe('API_PORT=$PORT npm test');
  });

  test('that have a port written down are served there', () => {
    const tests = [script('test', { ...ASKS, port: 3000 })];
    expect(httpOf({ node: node({ ...served, tests }) }).server?.port).toBe(3000);
  });

  test('more of them that ask are components of their own, with the same server', () => {
    const tests = [{ ...script('test:e2e', ASKS), text: 'node --test e2e' }, script('test', ASKS)];
    expect(componentsOf({ node: node({ ...served, tests }) })).toMatchObject({
      http: { client: 'npm run test:e2e' },
      test: { kind: 'http', client: 'npm test' },
    });
  });

  test('that watch, and those in a browser, are left out and named', () => {
    const tests = [
      { name: 'e2e', text: 'playwright test', signs: ASKS },
      { name: 'test', text: 'jest --watch', signs: OWN },
    ];
    const { suite, notes } = ofNode({ ...served, tests });
    expect(Object.keys(suite.components)).toEqual(['http']);
    expect(notes).toEqual([
      'skipped the script "e2e": it needs a browser',
      'skipped the script "test": it is in watch mode and never exits',
    ]);
  });

  test('that ask a server which is not there: that is said', () => {
    const { notes } = ofNode({ scripts: { test: 'node --test' }, tests: [script('test', ASKS)] });
    expect(notes[0]).toContain('talks to a running server (test/api.test.js), but none was found');
  });

  test('a server that limits rates is sent few requests', () => {
    const facts = { ...served, dependencies: ['express-rate-limit'] };
    expect(httpOf({ node: node(facts) }).client).toMatchObject({ kind: 'load', requests: 20 });
  });
});

describe('a monorepo', () => {
  const api = node({ dir: 'packages/api', name: '@x/api', scripts: { start: 'node s.js' }, server: SERVES });
  const test_ = { name: 'test', text: 'node --test' };

  test('has a component for each server, in its folder, and tries each package there', () => {
    const components = componentsOf({
      node: node({ tests: [{ name: 'test', text: 'npm test --workspaces', signs: OWN }] }),
      packages: [
        { ...api, tests: [{ ...test_, signs: ASKS }] },
        node({ dir: 'packages/words', name: '@x/words', tests: [{ ...test_, signs: OWN }] }),
      ],
    });
    expect(components).toEqual({
      api: { kind: 'http', server: { run: 'npm start', port: 0 }, client: 'npm test', cwd: 'packages/api' },
      'words-test': { kind: 'command', run: 'npm test', cwd: 'packages/words' },
    });
  });

  test('steps of one name are told apart by their folders', () => {
    const built = { scripts: { start: 'node dist/s.js', build: 'tsc' }, server: SERVES };
    const { suite } = of({
      node: node(),
      packages: [node({ ...built, dir: 'a', name: 'a' }), node({ ...built, dir: 'b', name: 'b' })],
    });
    expect(suite.setup).toMatchObject([{ name: 'build a' }, { name: 'build b' }]);
  });
});

describe('the server of Python', () => {
  const app = (facts: Partial<PythonApp>): PythonApp => ({
    framework: 'flask',
    module: 'app',
    variable: 'app',
    isFactory: false,
    folder: null,
    ...facts,
  });
  const run = (facts: Partial<PythonApp>, servers: string[] = []) =>
    httpOf({ python: python({ app: app(facts), servers }) }).server?.run;

  test('is that which the project has', () => {
    expect(run({})).toBe('.venv/bin/python -m flask --app app:app run --port $PORT');
    expect(run({}, ['gunicorn'])).toBe('.venv/bin/python -m gunicorn --bind 127.0.0.1:$PORT app:app');
    expect(run({ framework: 'fastapi', module: 'app.main' }, ['uvicorn'])).toBe(
      '.venv/bin/python -m uvicorn app.main:app --port $PORT',
    );
    expect(run({ framework: 'wsgi', variable: 'application' }, ['waitress'])).toBe(
      '.venv/bin/python -m waitress --listen=127.0.0.1:$PORT app:application',
    );
  });

  test('a factory is called', () => {
    const factory = { isFactory: true, variable: 'create_app' };
    expect(run(factory, ['gunicorn'])).toBe(
      `.venv/bin/python -m gunicorn --bind 127.0.0.1:$PORT 'app:create_app()'`,
    );
    expect(run(factory)).toBe('.venv/bin/python -m flask --app app:create_app run --port $PORT');
  });

  test('modules below src are found', () => {
    const { server } = httpOf({ python: python({ app: app({ folder: 'src' }) }) });
    expect(server?.env).toEqual({ PYTHONPATH: 'src' });
  });

  test('of Django comes after its migrations', () => {
    const { suite, weighty } = of({
      python: python({ app: app({ framework: 'django' }), migrations: 'django' }),
    });
    expect(suite.setup).toEqual([{ run: '.venv/bin/python manage.py migrate --noinput', name: 'migrate' }]);
    expect(weighty).toMatchObject([{ weight: 'data' }]);
    expect(suite.components.http).toMatchObject({
      server: { run: '.venv/bin/python manage.py runserver --noreload $PORT' },
    });
  });

  test('comes after what brings its database into shape', () => {
    const steps = (facts: Partial<PythonFacts>) => {
      const { suite, weighty } = of({ python: python({ app: app({}), ...facts }) });
      expect(weighty.map(({ weight }) => weight)).toEqual(suite.setup?.map(() => 'data'));
      return suite.setup;
    };
    const files = ['seed.py'];
    const seed = { name: 'seed.py', kind: 'seed', isRepeatable: false, files } as const;
    const migrate = { ...seed, name: 'db/migrate.py', kind: 'migrate', isRepeatable: true } as const;
    const seeding = { run: '.venv/bin/python seed.py', name: 'seed', inputs: files };
    expect(steps({ data: [migrate, seed] })).toEqual([
      { run: '.venv/bin/python db/migrate.py', name: 'migrate' },
      seeding,
    ]);
    expect(steps({ migrations: 'alembic', data: [migrate, seed] })).toEqual([
      { run: '.venv/bin/python -m alembic upgrade head', name: 'migrate' },
      seeding,
    ]);
    expect(steps({ migrations: 'flask-migrate', app: app({ folder: 'src' }) })).toEqual([
      {
        run: '.venv/bin/python -m flask --app app:app db upgrade',
        name: 'migrate',
        env: { PYTHONPATH: 'src' },
      },
    ]);
  });

  test('a WSGI app that nothing serves is told', () => {
    const { notes } = of({ python: python({ app: app({ framework: 'wsgi' }) }) });
    expect(notes[0]).toContain('neither gunicorn nor waitress is installed');
  });

  test('packages that lack are installed where they do no harm', () => {
    const facts = { interpreter: 'python3', venv: null, installed: { state: 'missing' } } as const;
    const tests = { runner: 'pytest', isAsked: false, folder: 'tests', signs: OWN } as const;
    const { suite } = of({ python: python({ ...facts, tests }) });
    expect(suite.setup).toEqual([
      {
        run: 'python3 -m venv .venv && .venv/bin/pip install -r requirements.txt pytest',
        name: 'install',
        inputs: ['requirements.txt'],
        outputs: ['.venv'],
      },
    ]);
    expect(suite.components.test).toEqual({ kind: 'command', run: '.venv/bin/python -m pytest' });
  });

  test('a package is installed as it lies there, so that its tests never try an earlier state of it', () => {
    const runOf = (extension: PythonFacts['extension'], extra: string | null) => {
      const facts = { isPackage: true, extension, extra, requirements: ['pyproject.toml'] };
      const { suite } = of({ python: python({ ...facts, installed: { state: 'missing' } }) });
      const [first] = suite.setup ?? [];
      return typeof first === 'object' && 'run' in first ? first.run : first;
    };
    expect(runOf('setuptools', null)).toBe('.venv/bin/pip install -e .');
    expect(runOf('maturin', 'test')).toBe(".venv/bin/pip install -e '.[test]'");
    expect(runOf(null, null)).toBe('.venv/bin/pip install -e .');
    expect(runOf('meson', null)).toBe('.venv/bin/pip install .');
  });

  test.each([
    [true, '.venv/bin/python setup.py build_ext --inplace', 0],
    [false, '.venv/bin/python -m pip install -e .', 1],
  ])(
    'an extension that git ignores is compiled where it belongs: by setuptools %j',
    (buildsInPlace, run, weighty) => {
      const facts = {
        extension: 'setuptools',
        ignoredModule: 'x/words.cpython-311.so',
        sources: ['words.c'],
      } as const;
      const found = of({ python: python({ ...facts, buildsInPlace }) });
      expect(found.suite.setup).toEqual([
        { run, name: 'build', inputs: ['words.c'], outputs: ['x/words*.so'] },
      ]);
      expect(found.weighty).toHaveLength(weighty);
    },
  );

  test('an extension is tried under a debugging allocator', () => {
    const tests = { runner: 'pytest', isAsked: false, folder: 'tests', signs: OWN } as const;
    expect(of({ python: python({ extension: 'setuptools', tests }) }).suite.memory).toBe('debug');
  });
});

describe('other languages, and files that say how a project is run', () => {
  test('a package of Go is run with its flag', () => {
    const server = { ...SERVES, port: { type: 'flag', flag: '-addr :' } as const };
    const facts = { others: [other({ language: 'go', target: './cmd/server', server })] };
    expect(httpOf(facts).server).toEqual({ run: './.shakedown/bin/server -addr :$PORT', port: 0 });
  });

  test('a program of Go is built first, so that to wait for it is not to wait for a compiler', () => {
    const { suite } = of({ others: [other({ language: 'go', target: './cmd/server', server: SERVES })] });
    expect(suite.setup).toEqual([{ run: 'go build -o .shakedown/bin/server ./cmd/server', name: 'build' }]);
    expect(JSON.stringify(suite)).not.toContain('readyTimeout');
  });

  test('tests of Go are run anew, whatever they were in an earlier run', () => {
    const go = (tests: TestSigns) =>
      componentsOf({ others: [other({ language: 'go', target: '.', server: SERVES, tests })] });
    expect(go(OWN).test).toEqual({ kind: 'command', run: 'go test -count=1 ./...' });
    expect(go({ ...ASKS, variable: 'PARCELS_URL' }).http).toMatchObject({
      client: 'PARCELS_URL=http://localhost:$PORT go test -count=1 ./...',
    });
    const make = [{ name: 'smoke', commands: ['go test -v ./smoke'], signs: ASKS }];
    expect(httpOf({ make, others: [other({ language: 'go', target: '.', server: SERVES })] }).client).toBe(
      'GOFLAGS="-count=1 $GOFLAGS" make smoke',
    );
    const own = [{ name: 'smoke', commands: ['go test -count=1 ./smoke'], signs: ASKS }];
    expect(
      httpOf({ make: own, others: [other({ language: 'go', target: '.', server: SERVES })] }).client,
    ).toBe('make smoke');
  });

  test('a binary of Rust is built first', () => {
    const { suite } = of({
      others: [other({ language: 'rust', target: 'hello', server: SERVES, tests: OWN })],
    });
    expect(suite.setup).toMatchObject([{ run: 'cargo build', outputs: ['target/debug/hello'] }]);
    expect(suite.components).toMatchObject({
      http: { server: { run: './target/debug/hello' } },
      test: { run: 'cargo test' },
    });
  });

  test('PHP serves a folder itself', () => {
    const facts = { others: [other({ language: 'php', target: 'public', server: SERVES })] };
    expect(httpOf(facts).server?.run).toBe('php -S 127.0.0.1:$PORT -t public');
  });

  test('a Procfile says what is started, and what is to be done before', () => {
    const procfile = {
      web: { line: 'gunicorn app:app', lacking: null },
      release: { line: 'python manage.py migrate', lacking: null },
    };
    const { suite } = of({ procfile, python: python() });
    expect(suite.setup).toMatchObject([
      { run: 'PATH="$PWD/.venv/bin:$PATH" python manage.py migrate', name: 'release' },
    ]);
    expect(suite.components.http).toMatchObject({
      server: { run: 'PATH="$PWD/.venv/bin:$PATH" gunicorn app:app', port: 0 },
    });
  });

  test('a Procfile whose program is not there is told, and not used', () => {
    const facts = {
      procfile: { web: { line: 'puma', lacking: 'puma' } },
      node: node({ scripts: { start: 'node server.js' }, server: SERVES }),
    };
    expect(of(facts).notes).toEqual(['ignored the Procfile: puma is not installed']);
    expect(httpOf(facts).server?.run).toBe('npm start');
  });

  test('targets of a Makefile are clients or commands', () => {
    const make = [
      { name: 'smoke', commands: ['./smoke.sh'], signs: ASKS },
      { name: 'integration', commands: ['./all.sh'], signs: OWN },
      { name: 'test', commands: ['npm run check'], signs: OWN },
    ];
    const facts = {
      make,
      node: node({
        scripts: { start: 'node server.js' },
        server: SERVES,
        tests: [{ name: 'test', text: 'node --test', signs: OWN }],
      }),
    };
    // `make test` mostly calls the test that is there already.
    expect(componentsOf(facts)).toMatchObject({
      http: { client: 'make smoke' },
      integration: { run: 'make integration' },
    });
    expect(Object.keys(componentsOf(facts))).toEqual(['http', 'test', 'integration']);
  });

  describe('what only calls another command is left out:', () => {
    const go = (make: ProjectFacts['make'], tests = OWN) =>
      componentsOf({ make, others: [other({ language: 'go', target: '.', server: SERVES, tests })] });
    const target = (name: string, ...commands: string[]) => ({ name, commands, signs: OWN });

    test.each([
      ['make test', [target('test', 'go test ./...')]],
      ['make test, by flags of its own', [target('test', 'CGO_ENABLED=1 go test -race -timeout 30s ./...')]],
      ['another target', [target('smoke', 'go test -v ./...')]],
      ['a target that gathers', [target('integration', 'go test ./...', 'go test -count=1 ./...')]],
    ])('%s', (_, make) => {
      expect(Object.keys(go(make))).toEqual(['http', 'test']);
    });

    test('also where the other one is the client', () => {
      expect(Object.keys(go([target('test', 'go test ./...')], ASKS))).toEqual(['http']);
    });

    test.each([
      ['go test -run Smoke ./...'],
      ['go test -tags=smoke ./...'],
      ['LEVEL=high go test ./...'],
      ['go vet ./smoke'],
    ])('%s is no repetition', (command) => {
      expect(Object.keys(go([target('smoke', command)]))).toEqual(['http', 'test', 'smoke']);
    });

    test('of two targets that do the same the first stays', () => {
      const make = [target('e2e', './try'), target('smoke', './try')];
      expect(Object.keys(componentsOf({ make }))).toEqual(['e2e']);
    });

    test('make test stays where nothing else was found, be there a package.json or not', () => {
      const make = [target('test', './try')];
      expect(Object.keys(componentsOf({ make }))).toEqual(['test']);
      expect(Object.keys(componentsOf({ make, node: node() }))).toEqual(['test']);
    });

    test('a script that calls another, but not the same words in another package', () => {
      const script = (name: string, text: string) => ({ name, text, signs: OWN });
      const tests = [script('smoke', 'node smoke.js'), script('test', 'npm run smoke')];
      expect(Object.keys(componentsOf({ node: node({ tests }) }))).toEqual(['smoke']);
      const packages = ['a', 'b'].map((name) =>
        node({ name, dir: name, tests: [script('test', 'node --test')] }),
      );
      expect(Object.keys(componentsOf({ packages }))).toEqual(['a-test', 'b-test']);
    });

    test('a config of its own makes it another one', () => {
      const script = (name: string, text: string) => ({ name, text, signs: OWN });
      const tests = [
        script('test:integration', 'vitest run -c slow.config.ts'),
        script('test', 'vitest run'),
      ];
      expect(Object.keys(componentsOf({ node: node({ tests }) }))).toEqual(['integration', 'test']);
    });

    test('python -m pytest and .venv/bin/pytest are one', () => {
      const tests = { runner: 'pytest', isAsked: true, folder: null, signs: OWN } as const;
      const make = [target('smoke', 'python3 -m pytest -q')];
      expect(Object.keys(componentsOf({ make, python: python({ tests }) }))).toEqual(['test']);
    });
  });

  test('a compose file is told, and nothing of it is started', () => {
    const { notes, suite } = of({
      compose: { file: 'compose.yaml', services: ['db'] },
      node: node({ tests: [] }),
    });
    expect(notes[0]).toContain('the services in compose.yaml (db) are not started');
    expect(suite.components).toEqual({});
  });

  test('where there is nothing to try, that is said with what was looked for', () => {
    expect(of({}).lacking).toContain('the Makefile targets integration, e2e, smoke and test');
  });
});
