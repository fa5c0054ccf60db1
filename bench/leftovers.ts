/** What runners leave behind of a server, however they end. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flag, number, type OptionsOf, parseOptions, path } from '../scripts/options.ts';
import { installServer, type Places, RUNNERS, type Runner } from './daemon/runners.ts';
import { type LeftoversResult, showLeftovers, showMarkdown, type Tried } from './daemon/table.ts';
import { ENDINGS, tryOut } from './daemon/trial.ts';
import { interruption, load, runToItsEnd, say, thisMachine } from './rounds.ts';
import { here, SHAKEDOWN } from './suite.ts';

const COMMAND = {
  usage: 'bench/leftovers [options] [RUNNER…]',
  summary: "what is alive 3 s after a runner's end that started gunicorn",
  options: {
    rounds: number('trials of each kind', 1),
    folder: path('install the peers there, and keep them (default: a temporary folder)', 'DIR'),
    minutes: number('give up the installation of a peer after this time; cargo-nextest is compiled', 15),
    markdown: flag('print tables in Markdown'),
    json: path('write all outcomes as JSON, with what each runner said last'),
  },
  names: `Runners: ${RUNNERS.map(({ id }) => id).join(', ')}`,
};

type Options = OptionsOf<typeof COMMAND>;

/** The last line that a tool said of why it failed. */
function reasonOf(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: string };
  return (stderr?.trim() || message).split('\n').at(-1)?.trim() ?? message;
}

/** @throws when one is not known */
function chosen(names: readonly string[]): readonly Runner[] {
  const unknown = names.find((name) => !RUNNERS.some(({ id }) => id === name));
  if (unknown !== undefined) throw new Error(`there is no runner ${unknown}`);
  return RUNNERS.filter(({ id }) => names.length === 0 || names.includes(id));
}

async function compare(
  options: Options,
  runners: readonly Runner[],
  places: Places,
): Promise<LeftoversResult> {
  const before = load();
  const limitMs = options.minutes * 60_000;
  say('installing');
  const gunicorn = await installServer(places, limitMs);
  const present: { runner: Runner; tried: Tried }[] = [];
  const absent: { title: string; reason: string }[] = [];
  for (const runner of runners) {
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
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options, names } = said;
  const runners = chosen(names);
  if (process.platform !== 'linux') throw new Error('the bench reads /proc, which only Linux has');
  if (!existsSync(SHAKEDOWN)) throw new Error('dist/cli.js is missing: run `npm run build` first');
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'shakedown-bench-'));
  const project = join(folder, 'project');
  mkdirSync(folder, { recursive: true });
  cpSync(here('./daemon'), project, { recursive: true });
  try {
    const result = await compare(options, runners, { folder, project });
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
    process.stdout.write(options.markdown ? showMarkdown(result) : showLeftovers(result));
  } finally {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

await runToItsEnd(main, () => {});
