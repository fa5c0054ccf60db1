/** What sources reveal about a server, and whether a test needs one. Pure: texts in, signs out. */
import { dirname, join } from 'node:path';
import type { PortSign, ServerSigns, TestSigns } from '../facts.ts';
import type { Source } from './tree.ts';

/** Code that starts a server, in various languages. */
const SERVES: readonly string[] = [
  ...[
    '.listen(',
    'createServer(',
    'createSecureServer(',
    'Bun.serve(',
    'Deno.serve(',
    'serve({',
    'serve(app',
  ],
  ...[
    'Flask(',
    'FastAPI(',
    'Starlette(',
    'HTTPServer(',
    'make_server(',
    'uvicorn.run(',
    'Sanic(',
    'run_app(',
  ],
  ...[
    'ListenAndServe',
    'http.Serve(',
    '.Listen(',
    'gin.Default(',
    'gin.New(',
    'echo.New(',
    'fiber.New(',
    'net.Listen(',
  ],
  ...[
    'TcpListener::bind(',
    'HttpServer::new(',
    'axum::serve(',
    'warp::serve(',
    'rocket::build(',
    'tiny_http::',
  ],
];

const holds = (text: string, pieces: readonly string[]): boolean =>
  pieces.some((piece) => text.includes(piece));

/** Environment variables that contain a port. */
const PORT_VARIABLES: readonly RegExp[] = [
  /\benv\.(\w{0,40}PORT)\b/g,
  /\benv\[['"](\w{0,40}PORT)['"]\]/g,
  /\b(?:environ|environ\.get|getenv|Getenv|LookupEnv|env::var|env_or|getEnv)\s?[[(]\s?['"](\w{0,40}PORT)['"]/g,
  /\b(\w{0,40}PORT)\b[^{}\n]{0,80}\}\s?=\s?process\.env\b/g,
];

/** The port is the first argument. */
const FIRST_ARGUMENT =
  /\bport\w{0,20}\s?=\s?(?:\w{1,20}\()?(?:sys\.argv\[1\]|process\.argv\[2\]|os\.Args\[1\])/i;
/** A flag as argparse and its like declare it. */
const LONG_FLAG = /\badd_argument\((?:['"]-\w['"],\s?)?['"](--[\w-]{0,20}port)['"]/;
/** A flag of a Go program whose default is a port. */
const FLAG = /\bflag\.(?:String|Int)\("([\w-]{1,40})",\s?"?([\w.]{0,40}:)?(\d{2,5})\b/;

/** A port in the source. The first expression that matches is used. */
const FIXED: readonly RegExp[] = [
  /\.listen\(\s?\{?\s?(?:port:\s?)?(\d{2,5})\b/i,
  /\b[pP](?:ort|ORT)\b['"]?\s?(?::|=|:=|\|\||\?\?)\s?['"]?(\d{2,5})\b/,
  /['"](?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::1?\])?:(\d{2,5})['"]/,
  /\(\s?['"][\w.]{0,40}['"]\s?,\s?(\d{2,5})\s?\)/,
  /\(\[[\d, ]{7,20}\],\s?(\d{2,5})\)/,
];

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

const matches = (pattern: RegExp, text: string): string[] =>
  [...text.matchAll(pattern)].flatMap(([, found]) => (found === undefined ? [] : [found]));

/** How a program chooses its port. */
export function portSign(text: string): PortSign {
  const names = unique(PORT_VARIABLES.flatMap((pattern) => matches(pattern, text)));
  const own = names.filter((name) => !holds(name, [...OF_OTHERS, 'DEBUG', 'METRICS']));
  const name = own.includes('PORT') ? 'PORT' : own[0];
  if (name !== undefined) return { type: 'variable', name };
  const [, flag, host] = FLAG.exec(text) ?? [];
  if (flag !== undefined) return { type: 'flag', flag: `-${flag} ${host ?? ''}` };
  const [, long] = LONG_FLAG.exec(text) ?? [];
  if (long !== undefined) return { type: 'flag', flag: `${long} ` };
  if (FIRST_ARGUMENT.test(text)) return { type: 'flag', flag: '' };
  for (const pattern of FIXED) {
    const port = Number(pattern.exec(text)?.[1] ?? Number.NaN);
    if (port > 0 && port < 65_536) return { type: 'fixed', port };
  }
  return { type: 'unknown' };
}

/** Routes of express, fastify, hono, koa; of Flask and FastAPI; of gin, echo, chi and net/http; of axum and actix. */
const ROUTES: readonly RegExp[] = [
  /\.(?:get|GET|Get|HandleFunc|Handle|route)\(\s?['"`](?:GET )?(\/[\w./-]{0,80})['"`]/g,
  /@\w{1,40}\.(?:get|route)\(\s?['"](\/[\w./-]{0,80})['"]/g,
  /\b(?:url|path)\s?===?\s?['"](\/[\w./-]{0,80})['"]/g,
  // Django's have no slash in front.
  /\bpath\(\s?['"]([\w./-]{1,80})['"],/g,
  /['"]GET (\/[\w./-]{0,80})[ '"]/g,
  /#\[get\("(\/[\w./-]{0,80})"/g,
];

/** A folder that builds fill. */
const BUILT = /['"`/](dist|build|\.output)['"`/]/;

/** @param sources of the program itself, not of its tests */
export function serverSigns(sources: readonly Source[]): ServerSigns {
  const serving = sources.filter(({ text }) => holds(text, SERVES));
  const told = portSign(serving.map(({ text }) => text).join('\n'));
  // The port may be in a separate config.
  const port = told.type === 'unknown' || told.type === 'fixed' ? portOf(sources, told) : told;
  const all = sources.map(({ text }) => text).join('\n');
  const paths = unique(
    ROUTES.flatMap((pattern) => matches(pattern, all)).map((path) =>
      path.startsWith('/') ? path : `/${path}`,
    ),
  );
  const built = BUILT.exec(serving.map(({ text }) => text).join('\n'))?.[1] ?? null;
  return { serves: serving.length > 0, port, built, paths: paths.sort(byPlainness).slice(0, 8) };
}

function portOf(sources: readonly Source[], told: PortSign): PortSign {
  const elsewhere = portSign(sources.map(({ text }) => text).join('\n'));
  return elsewhere.type === 'variable' || told.type === 'unknown' ? elsewhere : told;
}

/** Sorts paths: health checks first, then short ones. */
function byPlainness(a: string, b: string): number {
  const isHealth = (path: string): boolean => /health|ping|ready|live|status/i.test(path);
  return Number(isHealth(b)) - Number(isHealth(a)) || a.length - b.length;
}

/** Tests that start what they test, or test it without a server. */
const STARTS_OWN: readonly string[] = [
  ...[
    'supertest',
    'chai-http',
    '.inject(',
    'app.request(',
    'createServer(',
    '.listen(',
    'serve(',
    'light-my-request',
  ],
  ...[
    'child_process',
    'spawn(',
    'execa',
    'testcontainers',
    'webServer',
    'start-server-and-test',
    'setupServer(',
  ],
  ...['nock(', 'fetchMock', 'fetch-mock', 'mockFetch', 'global.fetch =', 'globalThis.fetch ='],
  ...[
    'TestClient(',
    'test_client(',
    'live_server',
    'LiveServerTestCase',
    'ASGITransport',
    'Popen(',
    'make_server(',
  ],
  ...['HTTPServer(', 'uvicorn', 'responses.activate'],
  ...[
    'httptest.',
    'ListenAndServe',
    'exec.Command(',
    'TcpListener::bind(',
    'Command::new(',
    'oneshot(',
    'init_service(',
  ],
  ...['nohup ', 'docker compose', 'docker-compose'],
];

/** These start an app if they are given one; if given an address, they send requests to it. */
const IS_GIVEN_ADDRESS =
  /\b(?:request|agent|supertest)\(\s?(?:['"`](?:http|\$\{)|process\.env|\w{0,20}(?:url|origin)\b)/i;
const withoutAgents = (text: string): string => text.replace(/supertest|chai-http/g, '');

/** A shell script that starts it in the background. */
const IN_BACKGROUND = /[^&\s]\s?&(?:\s{0,8}$|\s{0,8}sleep\b)/m;

/** Variables that contain an address. */
const ADDRESS_VARIABLES: readonly RegExp[] = [
  /\benv\.(\w{0,40}(?:PORT|URL|ORIGIN|ENDPOINT))\b/g,
  /\benv\[['"](\w{0,40}(?:PORT|URL|ORIGIN|ENDPOINT))['"]\]/g,
  /\b(?:environ|environ\.get|getenv|Getenv|LookupEnv|env::var)\s?[[(]\s?['"](\w{0,40}(?:PORT|URL|ORIGIN|ENDPOINT))['"]/g,
  /\b(\w{0,40}(?:PORT|URL|ORIGIN|ENDPOINT))\b[^{}\n]{0,80}\}\s?=\s?process\.env\b/g,
  // In a shell script.
  /\$\{?(\w{0,40}(?:PORT|URL|ORIGIN|ENDPOINT))\b/g,
];
const OF_OTHERS = [
  ...[
    'DATABASE',
    'DB_',
    'REDIS',
    'MONGO',
    'POSTGRES',
    'PG',
    'MYSQL',
    'AMQP',
    'RABBIT',
    'KAFKA',
    'SMTP',
    'S3_',
  ],
  ...['SENTRY', 'REGISTRY', 'PROXY'],
];
const LOCAL_ADDRESS = /\b(?:localhost|127\.0\.0\.1|\[::1\]):(\d{2,5})?/;

interface FileSigns {
  readonly source: Source;
  readonly startsOwn: boolean;
  readonly variables: readonly string[];
  readonly port: number | null;
  readonly isLocal: boolean;
}

/** Addresses of databases and the like, not of the project's own server. */
const OTHER_SERVERS =
  /\b(?:postgres|mysql|maria|redis|mongo|amqp|kafka|smtp|sqlite)[\w+]{0,20}:\/\/[^\s'"`]{0,200}/g;

function fileSigns(source: Source): FileSigns {
  const text = source.text.replace(OTHER_SERVERS, '');
  const local = LOCAL_ADDRESS.exec(text);
  const variables = unique(ADDRESS_VARIABLES.flatMap((pattern) => matches(pattern, text)));
  return {
    source,
    startsOwn:
      holds(IS_GIVEN_ADDRESS.test(text) ? withoutAgents(text) : text, STARTS_OWN) || IN_BACKGROUND.test(text),
    variables: variables.filter((name) => !holds(name, OF_OTHERS)),
    port: local?.[1] === undefined ? null : Number(local[1]),
    isLocal: local !== null,
  };
}

const LOCAL_IMPORT = /(?:\bfrom\s?|\brequire\(|\bimport\s?\(?)['"](\.[^'"\n]{1,200})['"]/g;
const withoutEnding = (path: string): string => path.replace(/\.\w{1,4}$/, '');

/** Files that start a server, and test files that import one of them. */
function starters(files: readonly FileSigns[]): Set<FileSigns> {
  const found = new Set(files.filter(({ startsOwn }) => startsOwn));
  const byPath = new Map(files.map((file) => [withoutEnding(file.source.path), file]));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const file of files) {
      const imported = matches(LOCAL_IMPORT, file.source.text)
        .map((to) => withoutEnding(join(dirname(file.source.path), to)))
        .flatMap((path) => byPath.get(path) ?? byPath.get(join(path, 'index')) ?? []);
      if (imported.some((other) => found.has(other))) found.add(file);
    }
  }
  return found;
}

/**
 * Tests need a server if one of their files sends requests to an address, and neither starts a server nor imports a test
 * file that does.
 *
 * @param sources of the tests
 * @param forAll what is loaded before each of them (`conftest.py`, a global setup), and the line that runs them
 */
export function testSigns(sources: readonly Source[], forAll: readonly Source[] = []): TestSigns {
  const files = sources.map(fileSigns);
  const common = forAll.map(fileSigns);
  const own = starters(files);
  const isStartedForAll = common.some(({ startsOwn }) => startsOwn);
  const asks = ({ variables, isLocal }: FileSigns): boolean => isLocal || variables.length > 0;
  const needing = isStartedForAll ? [] : [...files, ...common].filter((file) => asks(file) && !own.has(file));
  const variables = unique(needing.flatMap((file) => file.variables));
  const ports = unique(needing.flatMap(({ port }) => port ?? []));
  const variable = variables.includes('PORT') ? null : (variables[0] ?? null);
  return {
    needsServer: needing.length > 0,
    startsOwn: own.size > 0 || isStartedForAll,
    variable,
    port: variables.length > 0 ? null : (ports[0] ?? null),
    because: needing[0]?.source.path ?? null,
  };
}

export const NO_TEST_SIGNS: TestSigns = {
  needsServer: false,
  startsOwn: false,
  variable: null,
  port: null,
  because: null,
};
export const NO_SERVER_SIGNS: ServerSigns = {
  serves: false,
  port: { type: 'unknown' },
  built: null,
  paths: [],
};

const REPEATABLE = [
  ...[
    'on conflict',
    'insert or ignore',
    'insert or replace',
    'insert ignore',
    'upsert',
    'delete from',
    'deletemany',
  ],
  ...['truncate', 'drop table', 'findorcreate', 'if not exists', 'unlinksync', 'rmsync', 'rm -'],
  ...['create_all', 'drop_all', 'get_or_create', 'os.remove', '.unlink('],
];
/** Whether a script can be run again on its own data. */
export const isRepeatable = (text: string): boolean =>
  REPEATABLE.some((piece) => text.toLowerCase().includes(piece));
