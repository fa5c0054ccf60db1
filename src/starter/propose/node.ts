/** What a Node package has to offer. */
import { quote } from '../../core/quote.ts';
import type { Installed, NodeFacts, PackageManager, PortSign } from '../facts.ts';
import type { Step } from '../proposal.ts';
import { commandsIn } from '../test-command.ts';
import { onPort, type Part, REQUESTS, type ServerCandidate, showPort, step, type Test } from './part.ts';

/** How a script is run. */
export function runScript(facts: Pick<NodeFacts, 'manager' | 'hasManager'>, name: string, args = ''): string {
  const manager = facts.hasManager ? facts.manager : 'npm';
  const isShort = name === 'start' || name === 'test';
  const forms: Readonly<Record<PackageManager, string>> = {
    npm: `npm ${isShort ? name : `run ${name}`}${args === '' ? '' : ` -- ${args}`}`,
    pnpm: `pnpm ${isShort ? name : `run ${name}`} ${args}`,
    yarn: `yarn ${isShort ? name : `run ${name}`} ${args}`,
    'yarn-berry': `yarn run ${name} ${args}`,
    bun: `bun run ${name} ${args}`,
  };
  return forms[manager].trim();
}

/** With npm, installed packages that match are kept: `npm ci` would remove them first. */
const INSTALLS: Readonly<Record<PackageManager, string>> = {
  npm: 'npm ls >/dev/null 2>&1 || npm ci',
  pnpm: 'pnpm install --frozen-lockfile',
  yarn: 'yarn install --frozen-lockfile',
  'yarn-berry': 'yarn install --immutable',
  bun: 'bun install --frozen-lockfile',
};

export function installSteps({ installed, manager, lockFile, dir }: NodeFacts): Step[] {
  if (installed.state === 'matches') return [];
  const run = lockFile === null ? `${manager.replace('-berry', '')} install` : INSTALLS[manager];
  const inputs = ['package.json', ...(lockFile === null ? [] : [lockFile])];
  // Plug'n'Play makes no folder.
  const outputs = manager === 'yarn-berry' ? {} : { outputs: ['node_modules'] };
  return [step({ run, name: 'install', inputs, ...outputs, ...inFolder(dir) }, 'install')];
}

const inFolder = (dir: string): { cwd?: string } => (dir === '.' ? {} : { cwd: dir });

export function showInstalled(installed: Installed, what: string): string {
  if (installed.state === 'matches') return `${what} installed`;
  return installed.state === 'missing' ? `${what} not installed` : `${what} out of date: ${installed.why}`;
}

/** Programs that serve without any code of the project's own, and how to tell them the port; empty: by PORT. */
const TOOLS: Readonly<Record<string, string>> = {
  next: '',
  nuxt: '',
  nest: '',
  'react-scripts': '',
  'remix-serve': '',
  'react-router-serve': '',
  fastify: '',
  nitro: '',
  vite: '--port $PORT --strictPort',
  astro: '--port $PORT',
  ng: '--port $PORT',
  'vue-cli-service': '--port $PORT',
  'webpack-dev-server': '--port $PORT',
  wrangler: '--port $PORT',
  'json-server': '--port $PORT',
  rsbuild: '--port $PORT',
  parcel: '--port $PORT',
  sirv: '--port $PORT',
  'http-server': '-p $PORT',
  gatsby: '-p $PORT',
  serve: '-l $PORT',
};

/** Programs that do not keep running, or run elsewhere. */
const NO_SERVERS =
  /^(?:docker|docker-compose|podman|pm2|forever|electron|expo|storybook|tsc|jest|vitest|mocha|eslint|prettier|echo|exit|cordova|react-native|vsce)$/;
const RUNS_SCRIPT = /^(?:npm|pnpm|yarn|bun) (?:run )?([\w:.-]{1,80})(?: |$)/;

/** The last command of a line, without variable assignments. */
function lastCommand(line: string): string {
  const last = line.split('&&').at(-1)?.trim() ?? '';
  return last
    .replace(/^(?:cross-env )?(?:\w{1,60}=\S{0,200} ){0,9}/, '')
    .replace(/^(?:npx|pnpm exec|yarn exec|bunx|dotenv(?: -e \S{1,60})?(?: --)?) /, '');
}

/** A script that starts a server. */
interface ServerScript {
  readonly args: string;
  readonly port: PortSign;
  /** Its line; if it only calls another script, that script's line. */
  readonly line: string;
}

function serverScript(name: string, facts: NodeFacts, depth = 0): ServerScript | undefined {
  const line = facts.scripts[name];
  if (line === undefined || depth > 4) return undefined;
  const command = lastCommand(line);
  const [program = '', mode = ''] = command.split(/\s+/);
  const [, other] = RUNS_SCRIPT.exec(command) ?? [];
  if (other !== undefined && other !== 'install' && facts.scripts[other] !== undefined)
    return serverScript(other, facts, depth + 1);
  if (NO_SERVERS.test(program)) return undefined;
  const fixed = writtenPort(line);
  const tool = TOOLS[program];
  const isBuild = mode === 'build' || mode === 'test';
  if (tool !== undefined && !isBuild)
    return fixed === undefined
      ? { args: tool, port: tool === '' ? { type: 'variable', name: 'PORT' } : facts.server.port, line }
      : { args: '', port: { type: 'fixed', port: fixed }, line };
  if (!facts.server.serves || isBuild) return undefined;
  return { args: '', port: fixed === undefined ? facts.server.port : { type: 'fixed', port: fixed }, line };
}

/** The port in a script's line. */
function writtenPort(line: string): number | undefined {
  const [, port] = /(?:\bPORT=|--port[= ]|(?:^| )-p )(\d{2,5})\b/.exec(line) ?? [];
  return port === undefined ? undefined : Number(port);
}

const FOLDERS = ['dist', 'build', 'out', 'lib', '.output', '.next'];
const PREVIEWS = ['next start', 'nuxt start', ' preview', 'remix-serve', 'react-router-serve'];

/** Whether a line runs the output of a build. */
const runsBuilt = (line: string): boolean =>
  PREVIEWS.some((words) => line.includes(words)) ||
  line.split(/[\s/"'=]/).some((word) => FOLDERS.includes(word));

function outputOf(line: string): string[] {
  if (/\bnext\b/.test(line)) return ['.next'];
  return line
    .split(/[\s/"'=]/)
    .filter((word) => FOLDERS.includes(word))
    .slice(0, 1);
}

function buildSteps(name: string, line: string, facts: NodeFacts): Step[] {
  const { scripts, sources, dir, server } = facts;
  const runsBuild = (text = ''): boolean => /\b(?:run |yarn |bun )build\b|\btsc\b/.test(text);
  // A development server builds what it needs from its sources.
  const readsBuilt = server.built !== null && !name.startsWith('dev');
  if (scripts.build === undefined || !(runsBuilt(line) || readsBuilt)) return [];
  if (runsBuild(scripts[`pre${name}`]) || runsBuild(scripts[name])) return [];
  const found = outputOf(line);
  const outputs = found.length === 0 && server.built !== null ? [server.built] : found;
  const run = runScript(facts, 'build');
  const made = outputs.length === 0 ? {} : { outputs };
  return [step({ run, name: 'build', inputs: sources, ...made, ...inFolder(dir) })];
}

function dataSteps(facts: NodeFacts): Step[] {
  const { data, scripts, dir } = facts;
  const isRunAnyway = (name: string): boolean =>
    new RegExp(`\\b${name.replace(/[^\w:-]/g, '')}\\b`).test(scripts.prestart ?? '');
  return data
    .filter(({ name }) => !isRunAnyway(name))
    .map(({ name, kind, isRepeatable, files }) => {
      // A step that cannot be repeated is run once, and again when it has changed.
      const inputs = isRepeatable ? {} : { inputs: files.length > 0 ? files : ['package.json'] };
      return step({ run: runScript(facts, name), name: kind, ...inputs, ...inFolder(dir) }, 'data');
    });
}

const START_SCRIPTS = ['start', 'start:prod', 'serve', 'server', 'dev', 'develop'];

/** Rate limiters would rightly answer a load with 429. */
const LIMITERS = [
  'express-rate-limit',
  '@fastify/rate-limit',
  '@nestjs/throttler',
  'koa-ratelimit',
  'hono-rate-limiter',
  'rate-limiter-flexible',
];
const LIMITED_REQUESTS = 20;

function servers(facts: NodeFacts, name: string): ServerCandidate[] {
  const requests = LIMITERS.some((limiter) => facts.dependencies.includes(limiter))
    ? LIMITED_REQUESTS
    : REQUESTS;
  const common = { name, paths: facts.server.paths, cwd: facts.dir === '.' ? null : facts.dir, requests };
  const found = START_SCRIPTS.flatMap((script) => {
    const server = serverScript(script, facts);
    return server === undefined ? [] : [{ script, ...server }];
  });
  // Two scripts with the same line are not a choice.
  const distinct = found.filter(
    ({ line }, index) => found.findIndex((other) => other.line === line) === index,
  );
  const byScript = distinct.map(({ script, args, port, line }): ServerCandidate => {
    const run = runScript(facts, script, args);
    const told = args === '' ? showPort(port) : 'takes its port as an argument';
    return {
      ...common,
      label: run,
      because: `runs ${line}; ${told}`,
      service: args === '' ? onPort(run, port) : { run, port: 0 },
      before: [...buildSteps(script, line, facts), ...dataSteps(facts)],
    };
  });
  if (byScript.length > 0 || facts.entry === null) return byScript;
  const run = `${/\.[cm]?ts$/.test(facts.entry) ? 'npx tsx' : 'node'} ${quote(facts.entry)}`;
  const because = `starts a server; ${showPort(facts.server.port)}`;
  return [
    { ...common, label: run, because, service: onPort(run, facts.server.port), before: dataSteps(facts) },
  ];
}

const BROWSERS = ['playwright', 'cypress', 'wdio', 'nightwatch'];
const WATCHES = /(?:^| )(?:--watch|--watchAll|-w|--ui)(?:\s|$)/;

function testsOf(facts: NodeFacts, prefix: string): { tests: Test[]; notes: string[] } {
  const notes: string[] = [];
  const tests = facts.tests.flatMap(({ name, text, signs }): Test[] => {
    const reason = BROWSERS.some((name) => text.includes(name))
      ? 'it needs a browser'
      : WATCHES.test(text)
        ? 'it is in watch mode and never exits'
        : undefined;
    if (reason !== undefined) notes.push(`skipped the script "${name}": ${reason}`);
    // Tests that are delegated to packages are run there, each with its server.
    const isDelegated =
      /(?:^|\s)(?:--workspaces|-ws|-r|--recursive|--filter|workspaces foreach|turbo|lerna|nx)(?:\s|$)/.test(
        text,
      );
    // It would call itself.
    const isOurs = /(?:^|[\s;&|])shakedown(?:\s|$)/.test(text);
    if (reason !== undefined || isDelegated || isOurs) return [];
    // Specialised test scripts are left to users who ask for them, unless they need a server.
    if (name !== 'test' && !signs.needsServer && !/smoke|integration/.test(name)) return [];
    const run = `${/\breact-scripts test\b/.test(text) ? 'CI=true ' : ''}${runScript(facts, name)}`;
    const label = name === 'test' ? 'test' : name.replace(/^test:/, '').replaceAll(':', '-');
    const cwd = facts.dir === '.' ? null : facts.dir;
    return [{ name: `${prefix}${label}`, run, signs, cwd, calls: commandsIn(text) }];
  });
  return { tests, notes };
}

/** npm provides node-gyp to a package's scripts, and for its installation. */
function addonSteps({ addon, scripts, dir }: NodeFacts, installs: boolean): Step[] {
  // Installing a package with a binding.gyp also builds it.
  if (addon === null || addon.isBuilt || installs) return [];
  const script = ['build', 'install', 'rebuild'].find((name) => scripts[name] !== undefined);
  const run = script === undefined ? 'npm install' : `npm run ${script}`;
  return [step({ run, name: 'build', inputs: addon.sources, outputs: ['build'], ...inFolder(dir) })];
}

const COMPILES =
  /\b(?:tsc|tsup|tsdown|tshy|rollup|rolldown|esbuild|vite|webpack|swc|babel|unbuild|ncc|parcel|bunchee|microbundle|pkgroll|rslib|node-gyp|cmake-js|prebuildify|napi|neon|build|compile)\b/;

/** The step that builds a package so that others can import it: a script with the usual name. */
export function productStep(facts: NodeFacts, output: string): Step | undefined {
  const { scripts, addon, sources, dir } = facts;
  const isBuild = (name: string): boolean => COMPILES.test(scripts[name] ?? '');
  const named = ['build', 'compile'].find((name) => scripts[name] !== undefined);
  const script = named ?? ['prepare', 'prepack', 'prepublishOnly', 'install', 'rebuild'].find(isBuild);
  if (script === undefined) return addon === null ? undefined : addonSteps(facts, false)[0];
  const inputs = addon === null ? sources : [...new Set([...sources, ...addon.sources])];
  return step({ run: runScript(facts, script), name: 'build', inputs, outputs: [output], ...inFolder(dir) });
}

const shortName = (facts: NodeFacts): string =>
  (facts.name ?? facts.dir)
    .replace(/^.*\//, '')
    .replace(/[^\w.-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '') || 'package';

/** @param isInside it is one of the packages of a monorepo: its components are named after it */
export function proposeNode(facts: NodeFacts, isInside = false): Part {
  const name = isInside ? shortName(facts) : 'http';
  const { tests, notes } = testsOf(facts, isInside ? `${name}-` : '');
  const install = isInside ? [] : installSteps(facts);
  const where = facts.dir === '.' ? 'package.json' : `${facts.dir}/package.json`;
  const manager = facts.manager.replace('-berry', '');
  const lacksManager = `${manager} is not installed, so npm runs the scripts`;
  return {
    setup: [...install, ...addonSteps(facts, install.length > 0)],
    servers: servers(facts, name),
    tests,
    seen: [
      { what: 'found', text: `${where}: ${manager}; ${showInstalled(facts.installed, 'packages are')}` },
    ],
    notes: [...notes, ...(facts.hasManager || isInside ? [] : [lacksManager])],
    memory: 'off',
  };
}
