/** What a Python project has to offer. */
import { join, parse } from 'node:path';
import { quote } from '../../core/quote.ts';
import type { PythonApp, PythonFacts } from '../facts.ts';
import type { Step } from '../proposal.ts';
import { showInstalled } from './node.ts';
import { onPort, type Part, REQUESTS, type ServerCandidate, showPort, step, type Test } from './part.ts';

const ENVIRONMENT = '.venv';

/** The interpreter that has, or will have, the dependencies. */
function interpreterOf(facts: PythonFacts): string {
  if (facts.installed.state === 'matches' || facts.venv !== null) return facts.interpreter ?? 'python3';
  return facts.tool === 'poetry' ? 'poetry run python' : `${ENVIRONMENT}/bin/python`;
}

/** What was compiled here has to be compiled again in every clone. */
function buildSteps(facts: PythonFacts): Step[] {
  const { ignoredModule, interpreter, sources: inputs, buildsInPlace } = facts;
  if (ignoredModule === null) return [];
  // Its name contains the interpreter's version and the machine.
  const { dir, base, ext } = parse(ignoredModule);
  const outputs = [join(dir, `${base.split('.')[0] ?? ''}*${ext}`)];
  if (buildsInPlace)
    return [
      step({
        run: `${interpreter ?? 'python3'} setup.py build_ext --inplace`,
        name: 'build',
        inputs,
        outputs,
      }),
    ];
  if (facts.extension === 'meson') return [];
  const run = `${interpreter ?? 'python3'} -m pip install -e .`;
  return [step({ run, name: 'build', inputs, outputs }, 'install')];
}

function setupSteps(facts: PythonFacts): Step[] {
  return facts.installed.state === 'matches' ? buildSteps(facts) : installSteps(facts);
}

/**
 * Installs the project itself in editable form, so that its tests never run an older copy, and a compiled module ends up
 * beside its sources, which are found first. Meson compiles at every import instead.
 */
const itselfOf = ({ extension, extra }: PythonFacts): string[] => [
  ...(extension === 'meson' ? [] : ['-e']),
  extra === null ? '.' : `'.[${extra}]'`,
];

function installSteps(facts: PythonFacts): Step[] {
  if (facts.requirements.length === 0) return [];
  const inputs = [...new Set([...facts.requirements, ...(facts.extension === null ? [] : facts.sources)])];
  if (facts.tool === 'uv')
    return [step({ run: 'uv sync', name: 'install', inputs, outputs: [ENVIRONMENT] }, 'install')];
  if (facts.tool === 'poetry') return [step({ run: 'poetry install', name: 'install', inputs }, 'install')];
  const venv = facts.venv ?? ENVIRONMENT;
  const make = facts.venv === null ? `${facts.interpreter ?? 'python3'} -m venv ${venv} && ` : '';
  const lists = facts.requirements.filter((file) => file.endsWith('.txt')).map((file) => `-r ${file}`);
  const itself = facts.isPackage ? itselfOf(facts) : [];
  const runner = facts.tests?.runner === 'pytest' && !facts.tests.isAsked ? ['pytest'] : [];
  const run = `${make}${venv}/bin/pip install ${[...lists, ...itself, ...runner].join(' ')}`;
  return [step({ run, name: 'install', inputs, outputs: [venv] }, 'install')];
}

const NAMES: Readonly<Record<PythonApp['framework'], string>> = {
  django: 'a Django project',
  flask: 'a Flask app',
  fastapi: 'a FastAPI app',
  asgi: 'an ASGI app',
  wsgi: 'a WSGI app',
  script: 'a script',
};

/** How an app is served; undefined if nothing can serve it. */
function serve(app: PythonApp, facts: PythonFacts, python: string): string | undefined {
  const name = quote(`${app.module}:${app.variable}`);
  const has = (server: string): boolean => facts.servers.includes(server);
  switch (app.framework) {
    case 'django':
      return `${python} manage.py runserver --noreload $PORT`;
    case 'flask':
      if (!has('gunicorn')) return `${python} -m flask --app ${name} run --port $PORT`;
      return `${python} -m gunicorn --bind 127.0.0.1:$PORT ${app.isFactory ? quote(`${app.module}:${app.variable}()`) : name}`;
    case 'fastapi':
    case 'asgi':
      return has('hypercorn') && !has('uvicorn')
        ? `${python} -m hypercorn --bind 127.0.0.1:$PORT ${name}`
        : `${python} -m uvicorn ${name} --port $PORT`;
    case 'wsgi':
      if (has('gunicorn')) return `${python} -m gunicorn --bind 127.0.0.1:$PORT ${name}`;
      return has('waitress') ? `${python} -m waitress --listen=127.0.0.1:$PORT ${name}` : undefined;
    case 'script':
      return undefined;
  }
}

/** The steps that prepare the database before the server starts. */
function dataSteps({ app, migrations, data }: PythonFacts, python: string): Step[] {
  const env = app === null || app.folder === null ? {} : { env: { PYTHONPATH: app.folder } };
  const commands = {
    django: 'manage.py migrate --noinput',
    alembic: '-m alembic upgrade head',
    'flask-migrate': `-m flask --app ${quote(`${app?.module}:${app?.variable}`)} db upgrade`,
  };
  const form =
    migrations === null
      ? []
      : [step({ run: `${python} ${commands[migrations]}`, name: 'migrate', ...env }, 'data')];
  const scripts = data
    .filter(({ kind }) => kind === 'seed' || migrations === null)
    .map(({ name, kind, isRepeatable, files }) => {
      // A step that cannot be repeated is run once, and again when it has changed.
      const inputs = isRepeatable ? {} : { inputs: files };
      return step({ run: `${python} ${quote(name)}`, name: kind, ...inputs, ...env }, 'data');
    });
  return [...form, ...scripts];
}

function servers(facts: PythonFacts, python: string): ServerCandidate[] {
  const { app, server } = facts;
  if (app === null) return [];
  const served = serve(app, facts, python);
  const isScript = app.framework === 'script';
  if (served === undefined && !isScript) return [];
  const start = isScript
    ? onPort(`${python} ${quote(app.module)}`, server.port)
    : { run: served ?? '', port: 0 };
  const env = app.folder === null ? {} : { env: { PYTHONPATH: app.folder } };
  const isLimited = ['flask-limiter', 'slowapi'].some((name) => facts.dependencies.includes(name));
  const what = isScript
    ? `starts a server; ${showPort(server.port)}`
    : `${app.module} is ${NAMES[app.framework]}`;
  return [
    {
      name: 'http',
      label: String(start.run),
      because: what,
      service: { ...start, ...env },
      before: dataSteps(facts, python),
      paths: server.paths,
      cwd: null,
      requests: isLimited ? 20 : REQUESTS,
    },
  ];
}

function testsOf({ tests, app }: PythonFacts, python: string): Test[] {
  if (tests === null) return [];
  const { runner, folder, signs } = tests;
  const from = folder === null ? '' : ` discover -s ${quote(folder)}`;
  const runs = {
    pytest: `${python} -m pytest`,
    unittest: `${python} -m unittest${from}`,
    django: `${python} manage.py test`,
  };
  const run =
    app?.folder === null || app === null || runner === 'django'
      ? runs[runner]
      : `PYTHONPATH=${app.folder} ${runs[runner]}`;
  return [{ name: 'test', run, signs, cwd: null }];
}

export function proposePython(facts: PythonFacts): Part {
  const python = interpreterOf(facts);
  const notes: string[] = [];
  if (facts.interpreter === null) notes.push('no Python interpreter is on the PATH');
  if (facts.app !== null && facts.app.framework !== 'script' && serve(facts.app, facts, python) === undefined)
    notes.push(
      `${facts.app.module}:${facts.app.variable} is a WSGI app, but neither gunicorn nor waitress is installed to serve it`,
    );
  const isBare = facts.dependencies.length === 0;
  const packages = isBare ? 'no packages needed' : showInstalled(facts.installed, 'packages are');
  const kind = facts.extension === null ? '' : `; a compiled extension (${facts.extension})`;
  return {
    setup: setupSteps(facts),
    servers: servers(facts, python),
    tests: testsOf(facts, python),
    seen: [
      {
        what: 'found',
        text: `Python (${facts.venv ?? facts.interpreter ?? 'no interpreter'}): ${packages}${kind}`,
      },
    ],
    notes,
    memory: facts.extension === null ? 'off' : 'debug',
  };
}
