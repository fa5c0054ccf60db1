/** What runners leave behind of a server, however they end. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installServer, type Places, RUNNERS, type Runner } from './daemon/runners.ts';
import { type LeftoversResult, showLeftovers, showMarkdown, type Tried } from './daemon/table.ts';
import { ENDINGS, tryOut } from './daemon/trial.ts';
import { asGiven, interruption, load, runToItsEnd, say, thisMachine, wholeNumber } from './rounds.ts';
import { here, SHAKEDOWN } from './suite.ts';

const HELP = `bench/leftovers [options] [RUNNER…]: what is alive 3 s after a runner's end that started gunicorn

  --rounds N     trials of each kind (default 1)
  --folder DIR   install the peers there, and keep them (default: a temporary folder)
  --minutes N    give up the installation of a peer after this time (default 15; cargo-nextest is compiled)
  --markdown     print tables in Markdown
  --json FILE    write all outcomes as JSON, with what each runner said last
  --help

Runners: ${RUNNERS.map(({ id }) => id).join(', ')}
`;

interface Options {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly folder: string | undefined;
  readonly minutes: number;
  readonly markdown: boolean;
  readonly json: string | undefined;
}

function parseOptions(argv: string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '1' },
      folder: { type: 'string' },
      minutes: { type: 'string', default: '15' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const unknown = positionals.find((name) => !RUNNERS.some(({ id }) => id === name));
  if (unknown !== undefined) throw new Error(`there is no runner ${unknown}`);
  return {
    names: positionals,
    rounds: wholeNumber('rounds', values.rounds),
    folder: values.folder === undefined ? undefined : asGiven(values.folder),
    minutes: wholeNumber('minutes', values.minutes),
    markdown: values.markdown,
    json: values.json === undefined ? undefined : asGiven(values.json),
  };
}

/** The last line that a tool said of why it failed. */
function reasonOf(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: string };
  return (stderr?.trim() || message).split('\n').at(-1)?.trim() ?? message;
}

async function compare(options: Options, places: Places): Promise<LeftoversResult> {
  const before = load();
  const limitMs = options.minutes * 60_000;
  say('installing');
  const gunicorn = await installServer(places, limitMs);
  const present: { runner: Runner; tried: Tried }[] = [];
  const absent: { title: string; reason: string }[] = [];
  for (const runner of RUNNERS.filter(({ id }) => options.names.length === 0 || options.names.includes(id))) {
    interruption.signal.throwIfAborted();
    const { id, title } = runner;
    try {
      const version = await runner.install(places, limitMs);
      present.push({ runner, tried: { id, title, version, outcomes: [] } });
    } catch (error) {
      absent.push({ title, reason: reasonOf(error) });
    }
  }
  for (let round = 1; round <= options.rounds; round++) {
    for (const daemon of [true, false]) {
      for (const ending of ENDINGS) {
        say(`round ${round} of ${options.rounds}: ${daemon ? 'a daemon' : 'in the foreground'}, ${ending}`);
        for (const { runner, tried } of present) {
          interruption.signal.throwIfAborted();
          tried.outcomes.push({ ending, daemon, outcome: await tryOut(runner, ending, daemon, places) });
        }
      }
    }
  }
  return {
    version: 1,
    machine: thisMachine(before),
    gunicorn,
    rounds: options.rounds,
    tried: present.map(({ tried }) => tried),
    absent,
  };
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  if (process.platform !== 'linux') throw new Error('the bench reads /proc, which only Linux has');
  if (!existsSync(SHAKEDOWN)) throw new Error('dist/cli.js is missing: run `npm run build` first');
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'shakedown-bench-'));
  const project = join(folder, 'project');
  mkdirSync(folder, { recursive: true });
  cpSync(here('./daemon'), project, { recursive: true });
  try {
    const result = await compare(options, { folder, project });
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
    process.stdout.write(options.markdown ? showMarkdown(result) : showLeftovers(result));
  } finally {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

await runToItsEnd(main, () => {});
