/** Load generators, how each is had, and how it is asked for the same load: one thread, so many connections, so long. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { say } from '../rounds.ts';
import { here } from '../suite.ts';
import type { Site } from './servers.ts';

export interface Load {
  readonly site: Site;
  readonly connections: number;
  readonly seconds: number;
  /** For files of its own. */
  readonly folder: string;
}

export interface Generator {
  readonly id: string;
  readonly title: string;
  readonly command: (load: Load) => readonly [string, ...string[]];
  /** How many requests were answered, from what it printed. */
  readonly countOf: (output: string, load: Load) => number;
}

/** How a program is had. */
type Origin = { readonly type: 'system' } | { readonly type: 'npm' | 'go' | 'cargo'; readonly name: string };

interface Peer extends Generator {
  readonly origin: Origin;
}

export const firstNumber =
  (pattern: RegExp): Generator['countOf'] =>
  (output) =>
    Number(pattern.exec(output)?.[1] ?? Number.NaN);

/** JSON may be behind lines of another kind. */
export const fromJson =
  (pick: (json: Record<string, Record<string, number>>) => unknown): Generator['countOf'] =>
  (output) =>
    Number(pick(JSON.parse(output.slice(output.indexOf('{')))));

/** More than are sent in the time: ab reserves room for each. */
const AB_MOST = 3_000_000;

const text = String;

const K6_SCRIPT = (load: Load): string => `
import http from 'k6/http';
import { check } from 'k6';
export const options = { vus: ${load.connections}, duration: '${load.seconds}s' };
export default () => check(http.get('${load.site.url}'), { status: (response) => response.status === 200 });
`;

export function fileWith(load: Pick<Load, 'folder'>, name: string, content: string): string {
  const path = join(load.folder, name);
  writeFileSync(path, content);
  return path;
}

const PEERS: readonly Peer[] = [
  {
    id: 'wrk',
    title: 'wrk',
    origin: { type: 'system' },
    command: ({ site, connections, seconds }) => [
      'wrk',
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      site.url,
    ],
    countOf: firstNumber(/(\d+) requests in/),
  },
  {
    id: 'ab',
    title: 'ab',
    origin: { type: 'system' },
    command: ({ site, connections, seconds }) => [
      ...(['ab', '-k', '-q', '-c', text(connections), '-t', text(seconds)] as const),
      ...['-n', text(AB_MOST), site.url],
    ],
    countOf: firstNumber(/Complete requests:\s+(\d+)/),
  },
  {
    id: 'h2load',
    title: 'h2load',
    origin: { type: 'system' },
    command: ({ site, connections, seconds }) => [
      ...(['h2load', '--h1', '-t1', `-c${connections}`, `-D${seconds}`] as const),
      site.url,
    ],
    countOf: firstNumber(/ (\d+) succeeded/),
  },
  {
    id: 'hey',
    title: 'hey',
    origin: { type: 'system' },
    command: ({ site, connections, seconds }) => [
      ...(['hey', '-z', `${seconds}s`, '-c', text(connections)] as const),
      site.url,
    ],
    countOf: firstNumber(/\[200\]\s+(\d+) responses/),
  },
  {
    id: 'autocannon',
    title: 'autocannon',
    origin: { type: 'npm', name: 'autocannon' },
    command: ({ site, connections, seconds }) => [
      ...(['autocannon', '--json', '-c', text(connections), '-d', text(seconds)] as const),
      site.url,
    ],
    countOf: fromJson((json) => json['2xx']),
  },
  {
    id: 'k6',
    title: 'k6',
    origin: { type: 'go', name: 'go.k6.io/k6@latest' },
    command: (load) => [
      'k6',
      'run',
      '--quiet',
      '--no-usage-report',
      fileWith(load, 'k6.js', K6_SCRIPT(load)),
    ],
    countOf: firstNumber(/http_reqs\.*: (\d+)/),
  },
  {
    id: 'vegeta',
    title: 'vegeta',
    origin: { type: 'go', name: 'github.com/tsenart/vegeta/v12@latest' },
    command: (load) => [
      ...(['vegeta', 'attack', '-rate=0', `-max-workers=${load.connections}`] as const),
      ...[`-workers=${load.connections}`, `-duration=${load.seconds}s`, '-max-body=0'],
      ...[`-output=${join(load.folder, 'vegeta.bin')}`],
      `-targets=${fileWith(load, 'vegeta.txt', `GET ${load.site.url}\n`)}`,
    ],
    // It counts afterwards, in a process that is not measured.
    countOf: (_, { folder }) => {
      const report = execFileSync('vegeta', ['report', '-type=json', join(folder, 'vegeta.bin')], {
        encoding: 'utf8',
      });
      return (
        (JSON.parse(report) as { status_codes: Record<string, number> }).status_codes['200'] ?? Number.NaN
      );
    },
  },
  {
    id: 'bombardier',
    title: 'bombardier',
    origin: { type: 'go', name: 'github.com/codesenberg/bombardier@latest' },
    command: ({ site, connections, seconds }) => [
      ...(['bombardier', '-c', text(connections), '-d', `${seconds}s`, '-o', 'json', '-p', 'r'] as const),
      site.url,
    ],
    countOf: fromJson((json) => json.result?.req2xx),
  },
  {
    id: 'fortio',
    title: 'fortio',
    origin: { type: 'go', name: 'fortio.org/fortio@latest' },
    command: ({ site, connections, seconds }) => [
      ...(['fortio', 'load', '-quiet', '-qps', '0', '-c', text(connections), '-t', `${seconds}s`] as const),
      site.url,
    ],
    countOf: firstNumber(/Code 200 : (\d+)/),
  },
  {
    id: 'oha',
    title: 'oha',
    origin: { type: 'cargo', name: 'oha' },
    command: ({ site, connections, seconds }) => [
      ...(['oha', '--no-tui', '-c', text(connections), '-z', `${seconds}s`] as const),
      site.url,
    ],
    countOf: firstNumber(/\[200\] (\d+) responses/),
  },
];

/** The options of `runLoad`, for a load with status and body checked. */
export const shakedownCommand = (options: object): readonly [string, ...string[]] => [
  process.execPath,
  here('./generators/send.mjs'),
  JSON.stringify(options),
];

export const checked = ({ site }: Pick<Load, 'site'>): object => ({
  url: site.url,
  expect: { status: 200, exactBody: site.body },
});

const SHAKEDOWN: Generator = {
  id: 'shakedown',
  title: 'shakedown',
  command: ({ site, connections, seconds }) =>
    shakedownCommand({ ...checked({ site }), connections, duration: `${seconds}s` }),
  countOf: fromJson(({ counts }) => (counts?.failed === 0 ? counts.checked : Number.NaN)),
};

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

const run = promisify(execFile);

async function install(origin: Origin, home: string, limitMs: number): Promise<void> {
  if (origin.type === 'system') throw new Error('it is not installed');
  const [command, args] = {
    npm: ['npm', ['install', '--prefix', home, '--no-audit', '--no-fund', origin.name]] as const,
    go: ['go', ['install', origin.name]] as const,
    cargo: ['cargo', ['install', '--locked', '--root', home, origin.name]] as const,
  }[origin.type];
  const env = { ...process.env, GOBIN: join(home, 'bin') };
  await run(command, args, { timeout: limitMs, env, maxBuffer: 1 << 26 });
}

export interface Field {
  readonly generators: readonly Generator[];
  /** Those that could not be had, and why. */
  readonly absent: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Finds the generators, installs those that can be, and puts them on the path.
 *
 * @param home a folder that is kept: what is there needs no second installation
 * @param limitMs how long one installation may take
 * @param wanted their names; all, if it is not given
 */
export async function findGenerators(
  home: string,
  limitMs: number,
  wanted: readonly string[] = PEERS.map(({ id }) => id),
): Promise<Field> {
  mkdirSync(home, { recursive: true });
  const folders = [join(home, 'bin'), join(home, 'node_modules', '.bin')];
  process.env.PATH = [...folders, process.env.PATH ?? ''].join(delimiter);
  const generators: Generator[] = [SHAKEDOWN];
  const absent: { id: string; reason: string }[] = [];
  for (const peer of PEERS.filter(({ id }) => wanted.includes(id))) {
    try {
      if (!isOnPath(peer.id)) {
        say(`looking for ${peer.id}`);
        await install(peer.origin, home, limitMs);
      }
      generators.push(peer);
    } catch (error) {
      const { message, killed } = error as Error & { killed?: boolean };
      const reason = killed ? `its installation took over ${limitMs / 1000} s` : causeOf(message);
      say(`${peer.id} is LEFT OUT: ${reason}`);
      absent.push({ id: peer.id, reason });
    }
  }
  return { generators, absent };
}

/** The end of the last line, without the paths and addresses before it. */
const causeOf = (text: string): string => text.trim().split(/\n|: /).at(-1) ?? '';
