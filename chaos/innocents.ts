/** Processes that were there before and are none of Shakedown's business. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour } from './behaviours.ts';
import { readBirths } from './births.ts';
import type { InnocentKind } from './draw.ts';
import { isRunning, running, sameId, signal } from './proc.ts';
import { accepts, Stage } from './stage.ts';
import {
  type Ended,
  findNested,
  nestedLine,
  type Subject,
  shakedownCommand,
  start,
  startDirectly,
} from './subject.ts';
import { led } from './suite.ts';
import { Survey, type Survivor } from './survey.ts';
import type { Tier } from './tiers.ts';

export interface Innocents {
  /** Who must not be touched. */
  readonly watched: readonly Survivor[];
  /** Starts the trial's Shakedown below them, where they are a Shakedown that has one within. */
  readonly launch: ((words: readonly string[], cwd: string, output: string) => Promise<Subject>) | undefined;
  /** Ends them in their own way. Returns what was done to them before that. */
  readonly finish: () => Promise<string[]>;
}

export interface Neighbourhood {
  /** A folder for the innocents alone; it need not exist yet. */
  readonly folder: string;
  /** The folder of the trial's suite. */
  readonly project: string;
  readonly tier: Tier;
  readonly behaviour: Behaviour;
  /** A behaviour that can stand beside any other. */
  readonly plain: Behaviour;
  /** Ticks. */
  readonly since: number;
}

const LIMIT = 20_000;

export async function startInnocents(kind: InnocentKind | null, around: Neighbourhood): Promise<Innocents> {
  switch (kind) {
    case null:
      return { watched: [], launch: undefined, finish: async () => [] };
    case 'twin':
      return startTwin(around);
    case 'neighbour':
      return startNeighbour(around);
    case 'outer':
      return startOuter(around, around.folder);
    case 'outer-here':
      return startOuter(around, around.project);
  }
}

/** Waits until so many have said that they were born, and until the port answers where there is one. */
async function untilThere(stage: Stage, births: number): Promise<boolean> {
  const deadline = performance.now() + LIMIT;
  while (performance.now() < deadline) {
    if (readBirths(stage.births).length >= births && (stage.port === 0 || (await accepts(stage.port))))
      return true;
    await delay(5);
  }
  return false;
}

const LEADER = 1;

const STABLE_FOR = 150;

/**
 * Waits until all are there, and those that only helped them start are not.
 *
 * @throws when they do not come or do not come to rest; they are ended then
 */
async function settle(stage: Stage, survey: Survey, births: number): Promise<readonly Survivor[]> {
  const deadline = performance.now() + LIMIT;
  if (await untilThere(stage, births)) {
    for (let seen = survey.look(); performance.now() < deadline; ) {
      await delay(STABLE_FOR);
      const now = survey.look();
      if (now.map(sameId).join() === seen.map(sameId).join()) return now;
      seen = now;
    }
  }
  await survey.endAll();
  stage.close();
  throw new Error('the innocents did not come to be');
}

function touched(watched: readonly Survivor[]): string[] {
  return watched
    .filter((innocent) => !isRunning(innocent) || running(innocent.pid)?.state === 'T')
    .map(({ pid, command }) => `${pid} ${command}`);
}

/** The very same command line, in another folder. */
async function startTwin({ folder, behaviour, plain, since }: Neighbourhood): Promise<Innocents> {
  const isUsable = behaviour.isSteady && behaviour.name !== 'stopped';
  const twin = isUsable ? behaviour : plain;
  const stage = await Stage.create(folder, twin);
  start(led(twin, stage), folder, '/dev/null');
  const survey = new Survey(stage, since);
  const watched = await settle(stage, survey, LEADER + twin.births);
  return {
    watched,
    launch: undefined,
    finish: async () => {
      const hurt = touched(watched);
      await survey.endAll();
      stage.close();
      return hurt;
    },
  };
}

const SUITE = 'innocent.json';

/** Another Shakedown in the trial's own folder. It must come to its end unharmed. */
async function startNeighbour({ folder, project, plain, tier, since }: Neighbourhood): Promise<Innocents> {
  const stage = await Stage.create(folder, plain);
  const [sh, leader] = led(plain, stage);
  writeFileSync(
    join(project, SUITE),
    JSON.stringify({ components: { innocent: { kind: 'command', run: [sh, leader], cwd: folder } } }),
  );
  const output = join(folder, 'output.txt');
  const subject = startDirectly(shakedownCommand(join(project, SUITE), tier.flags), folder, output);
  const survey = new Survey(stage, since);
  const watched = await settle(stage, survey, LEADER);
  return {
    watched,
    launch: undefined,
    finish: async () => {
      const hurt = touched(watched);
      stage.tell('exit 0');
      const ended = await inTime(subject.ended);
      if (ended?.exit?.code !== 0)
        hurt.push(`the other Shakedown in the folder ended with ${showEnd(ended)}`);
      signal(subject.id, 'SIGKILL');
      await survey.endAll();
      stage.close();
      return hurt;
    },
  };
}

/** A Shakedown that has the trial's within, beside a process of its own; `home` is the folder that its runs are kept in. */
async function startOuter({ folder, plain, tier, since }: Neighbourhood, home: string): Promise<Innocents> {
  const stage = await Stage.create(folder, plain);
  writeFileSync(
    join(home, SUITE),
    JSON.stringify({ components: { outer: { kind: 'command', run: led(plain, stage), cwd: folder } } }),
  );
  const output = join(folder, 'output.txt');
  const subject = startDirectly(shakedownCommand(join(home, SUITE), tier.flags), folder, output);
  const survey = new Survey(stage, since);
  const watched = await settle(stage, survey, LEADER + plain.births);
  return {
    watched,
    launch: async (words, cwd, file) => {
      stage.tell(`run ${nestedLine(words, cwd, file)}`);
      return findNested(folder, since);
    },
    finish: async () => {
      const hurt = touched(watched);
      signal(subject.id, 'SIGTERM');
      const ended = await inTime(subject.ended);
      if (ended?.exit?.signal !== 'SIGTERM') hurt.push(`the outer Shakedown ended with ${showEnd(ended)}`);
      signal(subject.id, 'SIGKILL');
      await survey.endAll();
      stage.close();
      return hurt;
    },
  };
}

export async function inTime(ended: Promise<Ended>): Promise<Ended | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, LIMIT, undefined);
  });
  const first = await Promise.race([ended, late]);
  clearTimeout(timer);
  return first;
}

export function showEnd(ended: Ended | undefined): string {
  if (ended === undefined) return 'nothing, within its time';
  if (ended.exit === undefined) return 'a status that is not known here';
  return ended.exit.signal ?? `exit code ${ended.exit.code}`;
}
