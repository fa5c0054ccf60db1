/** Carries out one trial: sets the stage, has the event happen, and looks who is left. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour } from './behaviours.ts';
import { readBirths } from './births.ts';
import { claims, demands } from './claims.ts';
import { leftOf } from './containers.ts';
import { SmallDisk } from './disk.ts';
import type { InnocentKind, Trial } from './draw.ts';
import type { ChaosEvent } from './events.ts';
import { groupsOf, removeGroups } from './groups.ts';
import { type Innocents, inTime, showEnd, startInnocents } from './innocents.ts';
import { faultsOfWords } from './outcome.ts';
import { nowTicks, runningSince, signal } from './proc.ts';
import { accepts, Stage } from './stage.ts';
import { exitOf, type Subject, shakedownCommand, start, startDirectly, startInTerminal } from './subject.ts';
import { CONFIG, faultFlags, isService, NEXT_CONFIG, NEXT_SUITE, roundsBefore, suiteOf } from './suite.ts';
import { Survey, type Survivor } from './survey.ts';
import type { Tier } from './tiers.ts';
import { notUndone } from './undoing.ts';

/** The bound of the promise, in ms from the end of Shakedown. */
const BOUND = 3000;
/** Where somebody may not be ended: whoever ends the rest waits five seconds for him after SIGKILL, and then ends as well. */
const BOUND_BESIDE_UNENDABLE = 12_000;
/** Where an engine has to be asked, which takes its time; Compose is a program in Python and needs a second to start. */
const BOUND_BY_ENGINE = 20_000;
/** How long behaviours may take to be there; on a busy machine a cluster of PostgreSQL takes a while. */
const PATIENCE = 15_000;
const PATIENCE_WITH_ENGINE = 45_000;

/** The parts of a trial, looked up by their names. */
export interface Cast {
  readonly trial: Trial;
  readonly behaviour: Behaviour;
  readonly event: ChaosEvent;
  readonly tier: Tier;
  /** A behaviour that can stand beside any other. */
  readonly plain: Behaviour;
}

export interface TrialResult {
  readonly trial: Trial;
  /** Whether the tier promises that nobody is left. */
  readonly claimed: boolean;
  /** Who was there when Shakedown had just ended. */
  readonly lingered: readonly Survivor[];
  /** Who was still there at the bound of the promise. */
  readonly survivors: readonly Survivor[];
  /** From the end of Shakedown until nobody was left, in ms; null when somebody was. */
  readonly cleanUpMs: number | null;
  /** From the event until Shakedown itself had ended, in ms. */
  readonly endMs: number;
  readonly innocents: { readonly watched: number; readonly hurt: readonly string[] };
  /** What else was not as it should be. */
  readonly faults: readonly string[];
}

/** Which innocents can be there: not all go with each way to start Shakedown, or with a disk that is full. */
export function innocentFor(trial: Trial, event: ChaosEvent): InnocentKind | null {
  const { innocent } = trial;
  if ((innocent === 'outer' || innocent === 'outer-here') && event.way !== undefined) return 'twin';
  if ((innocent === 'neighbour' || innocent === 'outer-here') && event.onSmallDisk === true) return 'twin';
  return innocent;
}

/**
 * @param folder for this trial alone, without links in its path
 * @throws when the harness itself could not do what it has to
 */
export async function runTrial(cast: Cast, folder: string): Promise<TrialResult> {
  const { trial, behaviour, event, tier } = cast;
  const since = nowTicks() - 1;
  const project = join(folder, 'project');
  mkdirSync(temporaryFolder(project), { recursive: true });
  const stage = await Stage.create(project, behaviour);
  writeFileSync(join(project, CONFIG), JSON.stringify(suiteOf(trial, behaviour, event, stage), null, 2));
  writeFileSync(join(project, NEXT_CONFIG), JSON.stringify(NEXT_SUITE));
  const disk = event.onSmallDisk === true ? SmallDisk.mount(join(project, '.shakedown')) : undefined;
  try {
    const innocents = await startInnocents(innocentFor(trial, event), {
      ...{ folder: join(folder, 'innocents'), project, since },
      ...{ tier, behaviour, plain: cast.plain },
    });
    const pidFiles = behaviour.daemon === undefined ? [] : [behaviour.daemon.pidFile];
    const survey = new Survey(stage, since, pidFiles, runningSince(since));
    const others = new Set(runsIn(project));
    const output = join(folder, 'output.txt');
    let outcome: Struck;
    let hurt: string[];
    let subject: Subject | undefined;
    try {
      subject = await launch(cast, innocents, project, output);
      outcome = await strike(cast, { subject, stage, disk, survey });
      if (behaviour.unendable !== undefined && tells(event) && !isUnseen(cast))
        outcome.faults.push(...faultsOfWords(readFileSync(output, 'utf8'), survey.unendable().length > 0));
      if (outcome.survivors.length === 0 || isForNextRun(cast))
        outcome.faults.push(...(await afterwards(cast, folder, disk, survey)));
      if (behaviour.box !== undefined) outcome.faults.push(...(await leftOf(behaviour.box, stage, 0)));
      if (trial.isUndone && mustBeUndone(cast, outcome))
        outcome.faults.push(...(await notUndone(project, BOUND)));
      if (outcome.survivors.length === 0 && survey.unendable().length === 0)
        outcome.faults.push(...groupsLeftBy(subject), ...(await complainOfFiles(project, others)));
    } finally {
      // Whoever has the trial's Shakedown within would have to wait for them.
      await survey.endUnendable();
      hurt = await innocents.finish();
      await survey.endAll();
      behaviour.box?.remove(stage);
      if (subject !== undefined) removeGroups(groupsOf(subject.id.pid));
    }
    const claimed = isClaimed(cast);
    return { trial, claimed, ...outcome, innocents: { watched: innocents.watched.length, hurt } };
  } finally {
    stage.close();
    disk?.unmount();
  }
}

/** Events after which nobody hears what the run has to say. */
const UNHEARD: readonly string[] = ['output-closed', 'terminal-closed'];

/** Whether the run goes on to its end, and its report; on a full disk the component after it cannot run. */
const tells = ({ name, kills, endsBy, exits, onSmallDisk }: ChaosEvent): boolean =>
  !UNHEARD.includes(name) &&
  onSmallDisk === undefined &&
  kills === undefined &&
  endsBy === undefined &&
  exits === undefined;

/**
 * Whether the run cannot know of who may not be ended: within another run it has no limit of its own to mark them by, and
 * without a subreaper no parent either.
 */
const isUnseen = ({ trial, event, tier }: Cast): boolean =>
  tier.name === 'finders' && (innocentFor(trial, event) ?? '').startsWith('outer');

/** What is in a container is in no tree: where nobody is left who could ask the engine, no tier ends it before the next run. */
const isClaimed = ({ tier, behaviour, event }: Cast): boolean =>
  !(behaviour.box !== undefined && event.kills === 'both') &&
  claims(tier.name, demands(behaviour.difficulty, event.kills));

/** Whether the next run must clean up, where nobody was left to do it before: it has only marks to go by. */
const isForNextRun = ({ behaviour, event }: Cast): boolean =>
  event.kills === 'both' && behaviour.difficulty === undefined;

/**
 * Whether what it has done must have been undone by now: by itself, unless it was killed; else by its watchdog, which a run around it
 * ends with the rest of the component, or by the next run.
 */
const mustBeUndone = (cast: Cast, { survivors }: Struck): boolean =>
  cast.event.kills === undefined || survivors.length === 0 || isForNextRun(cast);

/** A trial that the harness could not carry out. */
export function brokenOff(cast: Cast, error: Error): TrialResult {
  return {
    trial: cast.trial,
    claimed: isClaimed(cast),
    lingered: [],
    survivors: [],
    cleanUpMs: null,
    endMs: 0,
    innocents: { watched: 0, hurt: [] },
    faults: [`the trial could not be done: ${error.message}`],
  };
}

async function launch(cast: Cast, innocents: Innocents, project: string, output: string): Promise<Subject> {
  const { trial, behaviour, event, tier } = cast;
  const more = behaviour.unendable === undefined ? [] : ['--keep-going'];
  const flags = [...tier.flags, ...more, ...faultFlags(trial, behaviour)];
  const command = behaviour.proof === undefined ? 'run' : 'prove';
  const words = [
    ...['env', `TMPDIR=${temporaryFolder(project)}`],
    ...shakedownCommand(CONFIG, flags, event.nodeOptions, command),
  ];
  if (innocents.launch !== undefined) return innocents.launch(words, project, output);
  if (event.way === 'terminal') return startInTerminal(words, project, output);
  return startDirectly(words, project, event.name === 'output-closed' ? 'pipe' : output);
}

interface Struck {
  readonly lingered: readonly Survivor[];
  readonly survivors: readonly Survivor[];
  readonly cleanUpMs: number | null;
  readonly endMs: number;
  readonly faults: string[];
}

/** Waits for the moment, has the event happen, and looks who is left when Shakedown has ended. */
async function strike(
  cast: Cast,
  around: {
    readonly subject: Subject;
    readonly stage: Stage;
    readonly disk: SmallDisk | undefined;
    readonly survey: Survey;
  },
): Promise<Struck> {
  const { trial, behaviour, event } = cast;
  const { subject, stage, disk, survey } = around;
  const faults: string[] = [];
  const hasEnded = watchEnd(subject);
  if (event.limited !== true && !(await untilMoment(cast, stage, hasEnded)))
    faults.push(hasEnded() ? 'Shakedown ended before the event' : 'the behaviour did not come to be');
  const struckAt = performance.now();
  const tell = (words: string): void => {
    // Each run of a proof's component hears it once, to the last one.
    const { proof } = behaviour;
    const times = proof === undefined ? 1 : proof.rounds - roundsBefore(trial, behaviour);
    for (let time = 0; time < times; time++) stage.tell(words);
  };
  await event.act({ subject, project: stage.folder, disk, tell });
  const ended = await inTime(subject.ended);
  if (ended === undefined) {
    faults.push(`Shakedown had not ended long after the event`);
    signal(subject.id, 'SIGKILL');
    await subject.ended;
  } else if (event.endsBy !== undefined && ended.exit !== undefined && ended.exit.signal !== event.endsBy) {
    faults.push(`Shakedown ended with ${showEnd(ended)} instead of ${event.endsBy}`);
  } else if (event.exits !== undefined && ended.exit !== undefined && ended.exit.code !== event.exits) {
    faults.push(`Shakedown ended with ${showEnd(ended)} instead of code ${event.exits}`);
  }
  const endedAt = ended?.at ?? performance.now();
  const bound = boundOf(behaviour);
  const { lingered, survivors, afterMs } = await survey.untilNobody(endedAt, bound);
  // What the next run is to remove is looked for after that.
  if (behaviour.box !== undefined && isClaimed(cast))
    faults.push(...(await leftOf(behaviour.box, stage, bound - (performance.now() - endedAt))));
  if (survivors.length === 0 && stage.port > 0 && (await accepts(stage.port)))
    faults.push(`port ${stage.port} still answers`);
  return {
    lingered,
    survivors,
    cleanUpMs: afterMs,
    endMs: endedAt - struckAt,
    faults: faults.map((fault) => `${fault} (${trial.behaviour}, ${trial.event})`),
  };
}

function boundOf({ box, unendable }: Behaviour): number {
  if (box !== undefined) return BOUND_BY_ENGINE;
  return unendable === undefined ? BOUND : BOUND_BESIDE_UNENDABLE;
}

function watchEnd(subject: Subject): () => boolean {
  let ended = false;
  void subject.ended.then(() => {
    ended = true;
  });
  return () => ended;
}

/** Whether the moment came for the event. */
async function untilMoment(cast: Cast, stage: Stage, hasEnded: () => boolean): Promise<boolean> {
  const { trial, behaviour, event } = cast;
  // The leader, or in the place of one the holder of a service; and the leader that is the client.
  const beside = isService(trial, behaviour, event) && event.beforeClient !== true ? 2 : 1;
  const all = (behaviour.proof === undefined ? beside : 0) + behaviour.births;
  const comes = async (births: number, needsPort: boolean): Promise<boolean> => {
    const isThere = async (): Promise<boolean> =>
      readBirths(stage.births).length >= births &&
      (!needsPort || stage.port === 0 || (await accepts(stage.port)));
    const patience = behaviour.box === undefined ? PATIENCE : PATIENCE_WITH_ENGINE;
    for (const deadline = performance.now() + patience; !(await isThere()); await delay(3))
      if (hasEnded() || performance.now() > deadline) return false;
    return true;
  };
  const before = roundsBefore(trial, behaviour);
  for (let round = 1; round <= before; round++) {
    if (!(await comes(round * all, false))) return false;
    stage.tell('exit 0');
  }
  const isFirst = trial.moment === 'first';
  if (!(await comes(before * all + (isFirst ? 1 : all), !isFirst))) return false;
  if (trial.moment === 'later') await delay(trial.delay);
  return true;
}

/** Shakedown's own, within the folder of the suite: whoever holds a file there is seen to belong to the trial. */
const temporaryFolder = (project: string): string => join(project, 'tmp');

/** Is to be read by whoever reports the crash. */
const CRASH_REPORT = 'shakedown-crash-';

/** What only served to run: temporary files, and what instruments of proofs were told and noted down. */
function filesLeft(project: string, others: ReadonlySet<string>): string[] {
  const kept = runsIn(project).filter((run) => !others.has(run));
  return [
    ...readdirSync(temporaryFolder(project))
      .filter((name) => !name.startsWith(CRASH_REPORT))
      .map((name) => join('tmp', name)),
    ...kept
      .flatMap((run) =>
        ['trials', 'leases', 'undos.ndjson'].map((name) => join('.shakedown/runs', run, name)),
      )
      .filter((path) => existsSync(join(project, path))),
  ];
}

/** By name; those of innocents in the same folder are there before the trial's. */
function runsIn(project: string): string[] {
  const runs = join(project, '.shakedown/runs');
  return existsSync(runs) ? readdirSync(runs) : [];
}

/** Whoever cleans up may have to end processes first. */
async function complainOfFiles(project: string, others: ReadonlySet<string>): Promise<string[]> {
  const deadline = performance.now() + BOUND;
  while (filesLeft(project, others).length > 0 && performance.now() < deadline) await delay(10);
  return filesLeft(project, others).map((path) => `a file is left: ${path}`);
}

function groupsLeftBy({ id }: Subject): string[] {
  const [first] = groupsOf(id.pid);
  return first === undefined ? [] : [`a control group is left: ${first}`];
}

const NEXT_LIMIT = 15_000;

/** The next run in the same folder passes; and nobody is there after it. */
async function afterwards(
  { tier }: Cast,
  folder: string,
  disk: SmallDisk | undefined,
  survey: Survey,
): Promise<string[]> {
  disk?.empty();
  const child = start(
    shakedownCommand(NEXT_CONFIG, tier.flags),
    join(folder, 'project'),
    join(folder, 'next.txt'),
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), NEXT_LIMIT);
  const ended = await exitOf(child);
  clearTimeout(timer);
  const faults = ended.exit?.code === 0 ? [] : [`the next run ended with ${showEnd(ended)}`];
  for (const { pid, command } of survey.everybody())
    faults.push(`there after the next run: ${pid} ${command}`);
  return faults;
}

export function prepareFolder(base: string, trial: Trial): string {
  const folder = join(base, String(trial.number));
  mkdirSync(folder);
  return folder;
}
