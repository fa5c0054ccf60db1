/** `shakedown new`: looks, asks, tries, and then writes; it never overwrites a config. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_DIR } from '../../config/convention.ts';
import { configIn } from '../../config/discover.ts';
import type { Finding } from '../../core/finding.ts';
import { formatDuration } from '../../core/units.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import { writeNew } from '../../files/write-new.ts';
import { commandProposal } from '../../starter/by-hand.ts';
import { CONFIG_FILE } from '../../starter/file.ts';
import { type Recorded, withRecording } from '../../starter/har/propose.ts';
import { lookAtProject } from '../../starter/look/index.ts';
import type { Proposal } from '../../starter/proposal.ts';
import { propose } from '../../starter/propose/index.ts';
import { adapt, type Rehearsed, serverOf, settle, type Tried } from '../../starter/tried.ts';
import { configText } from '../../starter/write.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse, SUCCESS } from '../outcome.ts';
import { say } from '../say.ts';
import { askAll, askCommand, canAsk, confirm, LEFT } from './ask.ts';
import { readRecorded } from './recorded.ts';
import { REHEARSED_WITHIN, rehearse } from './rehearsal.ts';
import { tryServer } from './trial.ts';

export interface NewFlags {
  readonly dir?: string;
  readonly har?: string;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** `http, thread and init`. */
const LIST = new Intl.ListFormat('en-GB', { type: 'conjunction' });

const INTERRUPTED: Outcome = { exitCode: 130, signal: 'SIGINT' };

/** `found     package.json …` */
function tell(what: string, text: string, stream: NodeJS.WritableStream = process.stdout): void {
  say(`${what.padEnd(9)} ${text}`, stream);
}

function tellSeen(
  { seen, notes, questions }: Proposal,
  isAsked: boolean,
  stream: NodeJS.WritableStream,
): void {
  for (const { what, text } of seen) tell(what, text, stream);
  for (const note of notes) tell('note', note, stream);
  if (isAsked) return;
  for (const {
    text,
    options: [taken, ...others],
  } of questions)
    tell('choice', `${text} Took ${taken}; you could also use ${others.join(' or ')}`, stream);
}

/** Writes a first config from what it finds in the project. */
export async function newConfig(flags: NewFlags, program: Program): Promise<Outcome> {
  const existing = configIn(program.cwd) ?? linkIn(program.cwd);
  if (existing !== undefined && !flags.dryRun)
    return refuse([
      {
        message: `there is a config already: ${existing}`,
        hint: 'remove it first, or change it by hand; --dry-run prints what would be written',
      },
    ]);
  const recorded = flags.har === undefined ? undefined : readRecorded(flags.har, program.cwd);
  if (recorded?.ok === false) return refuse([recorded.error]);
  const isAsked = canAsk() && !flags.yes && !flags.dryRun;
  const proposal = await decide(flags.dir ?? DEFAULT_DIR, recorded?.value, isAsked, program);
  if ('exitCode' in proposal) return proposal;
  if (flags.dryRun) {
    tellSeen(proposal, isAsked, process.stderr);
    process.stdout.write(configText(proposal));
    return SUCCESS;
  }
  tellSeen(proposal, isAsked, process.stdout);
  const tried = await tryAll(proposal, flags.yes, isAsked, program);
  return 'exitCode' in tried ? tried : write(tried, program);
}

/** A link to a missing file would be in the way as well. */
function linkIn(dir: string): string | undefined {
  const path = join(dir, CONFIG_FILE);
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? undefined : path;
}

/** Looks at the project, and asks what cannot be decided from that. */
async function decide(
  dir: string,
  recorded: Recorded | undefined,
  isAsked: boolean,
  program: Program,
): Promise<Proposal | Outcome> {
  const facts = lookAtProject(program.cwd, dir, process.env.PATH, process.env.PYTHONPATH);
  const first = propose(facts);
  if (recorded !== undefined && Object.keys(first.trials).length === 0) {
    const start = isAsked
      ? await askCommand('Found no server to start. Which command starts it?')
      : undefined;
    return start === LEFT ? INTERRUPTED : withRecording(first, recorded, process.env, start);
  }
  if (first.lacking !== null) {
    const given = isAsked
      ? await askCommand('Found nothing to run. Which command tests this project?')
      : undefined;
    if (given === LEFT) return INTERRUPTED;
    if (given !== undefined) return commandProposal(given);
    const message = `found nothing to run: ${[...first.notes, first.lacking].join('; ')}`;
    return refuse([
      {
        message,
        hint: 'write a shakedown.config.ts by hand: components: { test: command("…") }',
      },
    ]);
  }
  const answers = isAsked ? await askAll(first.questions) : {};
  if (answers === LEFT) return INTERRUPTED;
  const chosen = propose(facts, answers);
  return recorded === undefined ? chosen : withRecording(chosen, recorded, process.env);
}

/** A proposal as it will be written, and whether what was tried of it works. */
interface Result {
  readonly proposal: Proposal;
  readonly failed: readonly string[];
  readonly isUntried?: true;
  /** The user's best next step. Default: to run it. */
  readonly next?: string;
}

const MEANINGS = { install: 'installs packages', data: 'changes a database' } as const;

/** What will be tried, for display. */
const subjectOf = ({ trials, suite }: Proposal): string =>
  Object.keys(trials).length > 0 ? 'the server' : Object.keys(suite.components).join(', ');

/** Whether steps that take long, or change more than the project's own build, may be carried out now. */
async function mayTry(proposal: Proposal, yes: boolean, isAsked: boolean): Promise<boolean | typeof LEFT> {
  const { weighty } = proposal;
  if (weighty.length === 0 || yes) return true;
  if (!isAsked) return false;
  for (const { run, weight } of weighty) say(`  ${run}  (${MEANINGS[weight]})`);
  return confirm(`These must run before ${subjectOf(proposal)} can be tried. Run them now?`, true);
}

/** It is written anyway, and says that it was not tried. */
function untried(proposal: Proposal, why: string): Result {
  const note = `not tried yet: ${why}`;
  tell('note', note);
  return { proposal: { ...proposal, notes: [...proposal.notes, note] }, failed: [], isUntried: true };
}

async function tryAll(
  proposal: Proposal,
  yes: boolean,
  isAsked: boolean,
  program: Program,
): Promise<Result | Outcome> {
  const may = await mayTry(proposal, yes, isAsked);
  if (may === LEFT) return INTERRUPTED;
  if (!may) {
    const steps = proposal.weighty.map(({ run, weight }) => `${run} (${MEANINGS[weight]})`).join(', ');
    const result = untried(proposal, `${subjectOf(proposal)} needs ${steps} first`);
    return { ...result, next: `rm ${CONFIG_FILE} && shakedown new --yes, which does that and tries it` };
  }
  const result = await tryServers(proposal, program);
  if ('exitCode' in result || result.failed.length === 0 || !isAsked) return result;
  const wanted = await confirm('Write the config anyway?', false);
  if (wanted === LEFT) return INTERRUPTED;
  return wanted ? result : { exitCode: EXIT_CODES.failed };
}

/** Tries each server by itself, to see how it answers, and then everything that works, as it will be run. */
async function tryServers(proposal: Proposal, program: Program): Promise<Result | Outcome> {
  let current = proposal;
  const failed: string[] = [];
  const untriable: string[] = [];
  for (const name of Object.keys(proposal.trials)) {
    const result = await tryTwice(current, name, program);
    if ('exitCode' in result) return result;
    current = result.proposal;
    failed.push(...result.failed);
    if (result.isUntried === true) untriable.push(name);
  }
  const unready = [...failed, ...untriable, ...(current.untried ?? [])];
  const names = Object.entries(current.suite.components)
    .filter(([name, options]) => !unready.includes(name) && options.onlyWhenNamed !== true)
    .map(([name]) => name);
  const rest = await tryWhole(current, names, program);
  return 'exitCode' in rest ? rest : { ...rest, failed: [...failed, ...rest.failed] };
}

/** Tries the components as they will be run, including clients. */
async function tryWhole(
  proposal: Proposal,
  names: readonly string[],
  program: Program,
): Promise<Result | Outcome> {
  if (names.length === 0) return { proposal, failed: [] };
  const hasServers = Object.keys(proposal.trials).length > 0;
  const run = await rehearse(proposal, names, REHEARSED_WITHIN, program, (event) => {
    // If there are servers, the setup was already reported before them.
    if (event.type === 'setup-started' && !hasServers) tell('setup', event.step);
    if (event.type === 'component-started') tell('trying', wholeLabelOf(proposal, event.component));
    if (event.type === 'component-finished' && event.verdict === 'passed')
      tell('saw', `${event.component} passed in ${formatDuration(event.durationMs)}`);
  });
  if (!run.ok) return refuse([{ message: run.error }]);
  if (typeof run.value === 'string') return { exitCode: 130, signal: run.value };
  let current = proposal;
  const failed: string[] = [];
  for (const [name, rehearsed] of run.value) {
    current = settle(current, name, rehearsed, formatDuration(REHEARSED_WITHIN));
    tellRehearsed(name, rehearsed, proposal.extras.includes(name));
    if (rehearsed.type === 'failed' && !proposal.extras.includes(name)) failed.push(name);
  }
  return { proposal: current, failed };
}

function tellRehearsed(name: string, rehearsed: Rehearsed, isExtra: boolean): void {
  if (rehearsed.type === 'failed') tellFailed(rehearsed.finding, rehearsed.logFile);
  if (rehearsed.type === 'untried') tell('note', `${name} was not tried: ${rehearsed.why}`);
  if (rehearsed.type === 'unfinished')
    tell('note', `${name} was not tried to its end: it took more than ${formatDuration(REHEARSED_WITHIN)}`);
  if (isExtra && rehearsed.type !== 'passed')
    tell('note', `${name} only runs when named, so that the rest stays green: shakedown ${name}`);
}

/** Tries a server again if the first trial showed which port it listens on. */
async function tryTwice(proposal: Proposal, name: string, program: Program): Promise<Result | Outcome> {
  let current = proposal;
  for (let attempt = 1; ; attempt++) {
    const result = await tryServer(current, name, program, (event) => {
      if (event.type === 'setup-started') tell('setup', event.step);
      if (event.type === 'component-started') tell('trying', labelOf(current, name));
    });
    if (!result.ok) return refuse([{ message: result.error }]);
    const tried = result.value;
    if (tried.type === 'interrupted') return { exitCode: 130, signal: tried.signal };
    tellTried(tried);
    current = adapt(current, name, tried);
    if (tried.type === 'elsewhere' && attempt === 1) continue;
    if (tried.type === 'ready') return { proposal: current, failed: [] };
    if (tried.type === 'untried') return untried(current, tried.why);
    const why = tried.type === 'failed' ? tried.finding.message : `it listens on port ${tried.port}`;
    const note = `the server of "${name}" did not work when it was tried: ${why}`;
    return { proposal: { ...current, notes: [...current.notes, note] }, failed: [name] };
  }
}

function labelOf({ suite }: Pick<Proposal, 'suite'>, name: string): string {
  const component = suite.components[name];
  const run = component?.kind === 'http' ? serverOf(component)?.run : undefined;
  return typeof run === 'string' ? run : (run ?? []).join(' ');
}

/** A label for how a whole component is run. */
function wholeLabelOf({ suite }: Proposal, name: string): string {
  const component = suite.components[name];
  const shown = (run: unknown): string => (Array.isArray(run) ? run.join(' ') : String(run));
  if (component?.kind === 'command') return shown(component.run);
  if (component?.kind !== 'http') return name;
  const { client } = component;
  const isCommand = typeof client === 'string' || Array.isArray(client);
  return `${isCommand ? shown(client) : 'the built-in client'}, with ${labelOf({ suite }, name)}`;
}

function tellTried(tried: Tried): void {
  if (tried.type === 'elsewhere')
    tell('saw', `it listens on port ${tried.port}, whatever PORT says; trying again`);
  if (tried.type === 'ready') {
    const answers = tried.answers.map(
      ({ path, status }) => `GET ${path} ${status === null ? 'got no HTTP response' : `answered ${status}`}`,
    );
    tell(
      'saw',
      `ready after ${formatDuration(tried.afterMs)} on port ${tried.port}; ${answers.join(', ')}; ${tried.isKilled ? 'ignored the signal to stop, and was killed' : 'stopped cleanly'}`,
    );
  }
  if (tried.type !== 'failed') return;
  tellFailed(tried.finding, tried.logFile);
}

function tellFailed(finding: Finding, logFile: string | null): void {
  tell('failed', finding.message);
  const lines = 'evidence' in finding ? (finding.evidence ?? []) : [];
  for (const line of lines) say(`  │ ${line}`);
  if (finding.hint !== undefined) say(`  → ${finding.hint}`);
  if (logFile !== null) say(`  log: ${logFile}`);
}

function write({ proposal, failed, next = proposal.next ?? 'shakedown' }: Result, program: Program): Outcome {
  const path = join(program.cwd, CONFIG_FILE);
  try {
    writeNew(path, configText(proposal));
  } catch (error) {
    return refuse([
      {
        message: `${path} cannot be written: ${(error as Error).message}`,
        hint: '`shakedown new --dry-run` prints the config',
      },
    ]);
  }
  if (failed.length === 0) {
    tell('wrote', `${CONFIG_FILE}; next: ${next}`);
    return SUCCESS;
  }
  const isOne = failed.length === 1;
  tell(
    'wrote',
    `${CONFIG_FILE}, but ${LIST.format(failed)} ${isOne ? 'does' : 'do'} not work yet: fix ${isOne ? 'it' : 'them'} first`,
  );
  return { exitCode: EXIT_CODES.failed };
}
