/** Attacks the promise that nothing is left behind: behaviours × events × tiers, drawn from a seed. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  flag,
  maybeNumber,
  number,
  type OptionsOf,
  parseOptions,
  path,
  seed,
  texts,
} from '../scripts/options.ts';
import { type Behaviour, behaviours } from './behaviours.ts';
import { NEED_ENGINE, NO_HARBOUR, openHarbour } from './containers.ts';
import { realDaemons } from './daemons.ts';
import { type Catalogue, drawTrial, replayCommand, type Trial } from './draw.ts';
import { type ChaosEvent, EVENTS } from './events.ts';
import { complaints, gridOf, hasFailed, summarise } from './outcome.ts';
import { Progress } from './progress.ts';
import { proofs } from './proofs.ts';
import { CLI } from './subject.ts';
import { removeFolder } from './survey.ts';
import { markdownGrid, showGrid, showSummary } from './table.ts';
import { permittedTiers, type Tier } from './tiers.ts';
import { brokenOff, type Cast, prepareFolder, runTrial, type TrialResult } from './trial.ts';
import { unendable } from './unendable.ts';

const COMMAND = {
  usage: 'npm run chaos -- [options]',
  summary: 'attacks the promise that nothing is left behind',
  options: {
    trials: number('how many', 200),
    seed: seed(),
    trial: maybeNumber('only this one, and its folder is kept', 0, 'K'),
    tier: texts('only this tier, behaviour, event; may be repeated', 'TIER'),
    behaviour: texts('', 'NAME'),
    event: texts('', 'NAME'),
    jobs: number('so many at a time', 2),
    json: path('write all results as JSON'),
    markdown: flag('print the tables for docs/ownership.md'),
    list: flag('print the names of behaviours, events and tiers, and run nothing'),
  },
};

type Options = OptionsOf<typeof COMMAND>;

/** Those of a list that were asked for; all when nothing was. */
function only<T extends { readonly name: string }>(
  what: string,
  all: readonly T[],
  names: readonly string[],
): T[] {
  for (const name of names)
    if (!all.some((one) => one.name === name))
      throw new Error(`there is no ${what} ${name} here; there are ${all.map((one) => one.name).join(', ')}`);
  return all.filter(({ name }) => names.length === 0 || names.includes(name));
}

interface Parts {
  readonly behaviours: readonly Behaviour[];
  readonly events: readonly ChaosEvent[];
  readonly tiers: readonly Tier[];
  readonly plain: Behaviour;
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** The interpreter itself: what is on the PATH may be a shim, which is one more process. */
function findPython(): string {
  const { stdout, status } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('python3 is needed');
  return stdout.trim();
}

function permittedEvents(): ChaosEvent[] {
  const isRoot = process.getuid?.() === 0;
  return EVENTS.filter(({ name, onSmallDisk }) => {
    if (onSmallDisk !== true || isRoot) return true;
    say(`SKIPPED: event ${name}: only root can mount a disk to be filled`);
    return false;
  });
}

function gather(wanted: Options, boxes: readonly Behaviour[]): Parts {
  const python = findPython();
  const cache = resolve(import.meta.dirname, '../node_modules/.cache/chaos');
  const own = [...behaviours(python), ...proofs(python, say), ...unendable(cache, python, say)];
  const [plain] = own;
  if (plain === undefined) throw new Error('no behaviours');
  // Nobody waits for a database that was not asked for.
  const isOwn =
    wanted.behaviour.length > 0 && wanted.behaviour.every((name) => own.some((one) => one.name === name));
  const all = [...own, ...(isOwn ? [] : realDaemons(cache, python, say)), ...boxes];
  return {
    behaviours: only('behaviour', all, wanted.behaviour),
    events: only('event', permittedEvents(), wanted.event),
    tiers: only('tier', permittedTiers(say), wanted.tier),
    plain,
  };
}

const namesOf = (all: readonly { readonly name: string }[]): string[] => all.map(({ name }) => name);

function castOf(trial: Trial, parts: Parts): Cast {
  const find = <T extends { readonly name: string }>(all: readonly T[], name: string): T => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`nothing is called ${name}`);
    return found;
  };
  return {
    trial,
    behaviour: find(parts.behaviours, trial.behaviour),
    event: find(parts.events, trial.event),
    tier: find(parts.tiers, trial.tier),
    plain: parts.plain,
  };
}

const showTrial = ({ number, behaviour, event, tier, moment, innocent }: Trial): string =>
  `trial ${number}: ${behaviour} × ${event} × ${tier} (moment: ${moment}, innocents: ${innocent ?? 'none'})`;

/** Holds the signal that ends the attack early. */
const interruption = new AbortController();

async function attack(options: Options, parts: Parts): Promise<TrialResult[]> {
  const catalogue: Catalogue = {
    behaviours: namesOf(parts.behaviours),
    events: namesOf(parts.events),
    tiers: namesOf(parts.tiers),
  };
  const numbers =
    options.trial === undefined
      ? Array.from({ length: options.trials }, (_, index) => index)
      : [options.trial];
  const total = numbers.length;
  const progress = new Progress(process.stderr, process.env, total);
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'shakedown-chaos-')));
  chmodSync(base, 0o755);
  const results: TrialResult[] = [];
  const worker = async (): Promise<void> => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      if (interruption.signal.aborted) return;
      const trial = drawTrial(options.seed, number, catalogue);
      const folder = prepareFolder(base, trial);
      const cast = castOf(trial, parts);
      const result = await runTrial(cast, folder).catch((error: Error) => brokenOff(cast, error));
      results.push(result);
      const failed = hasFailed(result);
      if (failed || options.trial !== undefined)
        progress.say(
          [
            `${failed ? 'FAILED' : 'held'} ${showTrial(trial)}`,
            ...complaints(result).map((complaint) => `  ${complaint}`),
            options.trial === undefined ? `  replay: ${replayCommand(trial)}` : `  folder: ${folder}`,
          ].join('\n'),
        );
      if (options.trial === undefined) removeFolder(folder);
      progress.count(failed);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, total) }, worker));
  progress.close();
  if (options.trial === undefined) removeFolder(base);
  return results.sort((a, b) => a.trial.number - b.trial.number);
}

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options } = said;
  if (process.platform !== 'linux') throw new Error('the attack reads /proc, which only Linux has');
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: run `npm run build` first');
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      say(`\nchaos: ${signal}: what has begun is brought to its end`);
      interruption.abort(signal);
    });
  const { behaviour: names } = options;
  const needsEngine = names.length === 0 || NEED_ENGINE.some((name) => names.includes(name));
  const harbour = needsEngine ? await openHarbour(say) : NO_HARBOUR;
  try {
    await carryOut(options, gather(options, harbour.behaviours));
  } finally {
    for (const fault of await harbour.close()) {
      say(`FAILED: ${fault}`);
      process.exitCode = 1;
    }
  }
  if (interruption.signal.aborted) process.kill(process.pid, interruption.signal.reason as NodeJS.Signals);
}

async function carryOut(options: Options, parts: Parts): Promise<void> {
  if (options.list) {
    for (const what of ['behaviours', 'events', 'tiers'] as const)
      process.stdout.write(`${what}: ${namesOf(parts[what]).join(' ')}\n`);
    return;
  }
  const startedAt = performance.now();
  const results = await attack(options, parts);
  const summary = summarise(results, (performance.now() - startedAt) / 1000);
  const tiers = namesOf(parts.tiers);
  const grids = [
    gridOf('behaviour', results, namesOf(parts.behaviours), tiers),
    gridOf('event', results, namesOf(parts.events), tiers),
  ];
  if (options.json !== undefined)
    writeFileSync(
      options.json,
      `${JSON.stringify({ version: 1, seed: options.seed, summary, results }, null, 2)}\n`,
    );
  const show = options.markdown ? markdownGrid : showGrid;
  process.stdout.write(`${[...grids.map(show), showSummary(summary, options.seed)].join('\n\n')}\n`);
  if (summary.failed > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  say(`chaos: ${(error as Error).message}`);
  process.exitCode = 1;
}
