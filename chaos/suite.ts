/** The config of a trial: one component that does the behaviour. */
import { type Behaviour, programPath, type Site } from './behaviours.ts';
import type { Trial } from './draw.ts';
import type { ChaosEvent } from './events.ts';

const LEADER = ['sh', programPath('leader.sh')];
const HOLD = ['sh', programPath('hold.sh')];

/** Long enough for the behaviour to be there, most of the time. */
const LIMIT = '700ms';
const DAEMON_LIMIT = '2500ms';
/** Short, for those that do not heed SIGTERM. */
const GRACE = '500ms';

/** Has nothing to do with what came before, and must not suffer from it. */
const NEXT = { kind: 'command', run: 'echo clean' };

export const CONFIG = 'shakedown.config.json';
export const NEXT_CONFIG = 'next.json';

/** The command that leads a behaviour: it starts it, and ends when the harness says so. */
export const led = (behaviour: Behaviour, site: Site): string[] => [...LEADER, ...behaviour.command(site)];

/** Whether the behaviour is a service of an http component, rather than left behind by a command. */
export function isService(trial: Trial, behaviour: Behaviour, event: ChaosEvent): boolean {
  return event.beforeClient === true || (behaviour.daemon !== undefined && trial.asService);
}

export function suiteOf(trial: Trial, behaviour: Behaviour, event: ChaosEvent, site: Site): object {
  const limit = behaviour.daemon === undefined ? LIMIT : DAEMON_LIMIT;
  const common = event.limited === true ? { timeout: limit } : {};
  const expect = event.forbid === undefined ? {} : { expect: { forbid: { regex: event.forbid } } };
  const attack = isService(trial, behaviour, event)
    ? {
        kind: 'http',
        server: { ...serverOf(behaviour, event, site), grace: GRACE },
        client: { run: LEADER, ...expect },
      }
    : { kind: 'command', run: led(behaviour, site), ...expect };
  const after = behaviour.unendable === undefined ? {} : { after: NEXT };
  return { components: { attack: { ...attack, ...common }, ...after } };
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
