/** The config of a trial: one component that does the behaviour. */
import { type Behaviour, programPath, type Site } from './behaviours.ts';
import type { Trial } from './draw.ts';
import type { ChaosEvent } from './events.ts';
import { UNDONE_SUITE } from './undoing.ts';

const LEADER = ['sh', programPath('leader.sh')];
const HOLD = ['sh', programPath('hold.sh')];

/** Long enough for the behaviour to be there, most of the time. */
const LIMIT = '700ms';
const DAEMON_LIMIT = '2500ms';
const BOX_LIMIT = '5s';
/** Short, for those that do not heed SIGTERM. */
const GRACE = '500ms';

/** Has nothing to do with what came before, and must not suffer from it. */
const NEXT = { kind: 'command', run: 'echo clean' };

/** What needs a task that is attacked. */
const NEEDS_TASK = { ...NEXT, run: 'true', needs: ['task'] };

export const CONFIG = 'shakedown.config.json';
export const NEXT_CONFIG = 'next.json';

/** The command that leads a behaviour: it starts it, and ends when the harness says so. */
export const led = (behaviour: Behaviour, site: Site): string[] => [...LEADER, ...behaviour.command(site)];

/** Whether the behaviour is a service, rather than left behind by a command or a task. */
export function isService(trial: Trial, behaviour: Behaviour, event: ChaosEvent): boolean {
  if (behaviour.proof !== undefined) return false;
  if (behaviour.box !== undefined) return true;
  return event.beforeClient === true || (behaviour.daemon !== undefined && trial.asService);
}

export function suiteOf(trial: Trial, behaviour: Behaviour, event: ChaosEvent, site: Site): object {
  const components = componentsOf(trial, behaviour, event, site);
  return trial.isUndone ? { ...components, ...UNDONE_SUITE } : components;
}

function componentsOf(trial: Trial, behaviour: Behaviour, event: ChaosEvent, site: Site): object {
  const common = event.limited === true ? { timeout: limitOf(behaviour) } : {};
  const expect = event.forbid === undefined ? {} : { expect: { forbid: { regex: event.forbid } } };
  if (behaviour.proof !== undefined)
    return { components: { attack: { ...behaviour.proof.component(site, expect), ...common } } };
  const after = behaviour.unendable === undefined ? {} : { after: NEXT };
  if (!isService(trial, behaviour, event)) {
    const attack = { run: led(behaviour, site), ...expect, ...common };
    return trial.isTask
      ? { services: { task: { kind: 'task', ...attack } }, components: { attack: NEEDS_TASK, ...after } }
      : { components: { attack: { kind: 'command', ...attack }, ...after } };
  }
  if (behaviour.box !== undefined) {
    const box = { ...behaviour.box.service(site, event.beforeClient === true), grace: GRACE };
    const attack = { kind: 'command', run: LEADER, needs: ['box'], ...expect, ...common };
    return { services: { box }, components: { attack } };
  }
  const server = { ...serverOf(behaviour, event, site), grace: GRACE };
  const client = { kind: 'http', client: { run: LEADER, ...expect }, ...common };
  return trial.isShared
    ? { services: { server }, components: { attack: { ...client, use: 'server' }, ...after } }
    : { components: { attack: { ...client, server }, ...after } };
}

/** How long the component may take, where that is limited. */
function limitOf({ box, daemon, proof }: Behaviour): string {
  if (box !== undefined) return BOX_LIMIT;
  return daemon === undefined && proof === undefined ? LIMIT : DAEMON_LIMIT;
}

const choose = <T>(from: readonly T[], share: number): T | undefined => from[Math.floor(share * from.length)];

/** How often a proof has run its component before it is struck. */
export const roundsBefore = ({ round }: Trial, { proof }: Behaviour): number =>
  proof === undefined ? 0 : Math.floor(round * proof.rounds);

/** The words for Shakedown that say what a proof is to try. */
export function faultFlags({ fault }: Trial, { proof }: Behaviour): string[] {
  const chosen = choose(proof?.faults ?? [], fault);
  return chosen === undefined ? [] : ['--fault', chosen];
}

function serverOf(behaviour: Behaviour, event: ChaosEvent, site: Site): object {
  const waits = { file: 'ready' };
  if (behaviour.daemon === undefined) return { run: led(behaviour, site), ready: waits };
  return {
    run: [...HOLD, ...behaviour.command(site)],
    port: site.port,
    daemon: true,
    ...(event.beforeClient === true ? { ready: { all: [{ port: true }, waits] } } : {}),
  };
}

/** What the next run in the same folder does. */
export const NEXT_SUITE = { components: { next: NEXT } };
