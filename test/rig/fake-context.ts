/** What an attempt gives to what runs in it, as far as a test of that needs it. */
import type { RunEvent } from '../../src/core/event.ts';
import type { Snapshot } from '../../src/core/snapshot.ts';
import type { StopReason } from '../../src/core/stop-reason.ts';
import type { Undo } from '../../src/core/undo.ts';
import { ms } from '../../src/core/units.ts';
import type { ComponentContext } from '../../src/kinds/common/context.ts';
import { verdictOf } from '../../src/kinds/index.ts';
import { ComponentLog } from '../../src/process/output/log.ts';
import type { UndoHandle, UndoRegister } from '../../src/process/undo/undos.ts';
import type { RunDirectory } from '../../src/store/run-directory.ts';
import { FakeProcesses } from './fake-processes.ts';

/** What has been registered, and what has become of it. */
export class FakeUndos implements UndoRegister {
  readonly registered: { undo: Undo; state: 'registered' | 'done' }[] = [];

  register(undo: Undo): UndoHandle {
    const entry: (typeof this.registered)[number] = { undo, state: 'registered' };
    this.registered.push(entry);
    const done = (): void => {
      entry.state = 'done';
    };
    return {
      learn: (env) => {
        entry.undo = { ...entry.undo, env: { ...entry.undo.env, ...env } };
      },
      done,
      carryOut: async () => {
        done();
        return true;
      },
    };
  }
}

export class FakeAttempt {
  readonly processes = new FakeProcesses();
  readonly events: RunEvent[] = [];
  readonly stop = new AbortController();
  readonly hurry = new AbortController();
  readonly undos = new FakeUndos();
  /** Where all stood at the time limit. */
  snapshot: Promise<Snapshot | undefined> = Promise.resolve(undefined);
  readonly context: ComponentContext = {
    services: new Map(),
    version: '0.1.0',
    component: 'try',
    id: 'try.1',
    seed: 1,
    root: '/',
    attempt: 1,
    reproduce: 'shakedown try --seed 1',
    clock: this.processes.clock,
    directory: {} as RunDirectory,
    openOwner: this.processes.openOwner,
    env: { PATH: '/bin' },
    undos: this.undos,
    log: new ComponentLog('/dev/null'),
    signal: this.stop.signal,
    hurry: this.hurry.signal,
    grace: ms(5000),
    leave: ['helper'],
    source: 'config',
    verdictOf,
    emit: (event) => this.events.push(event),
    onStart: () => () => {},
    onSignal: (step) => (signal) => this.events.push({ type: 'signal-sent', component: 'try', step, signal }),
    onOwner: () => {},
    onActivity: () => {},
    snapshot: () => this.snapshot,
  };

  abort(reason: StopReason): void {
    this.stop.abort(reason);
  }
}
