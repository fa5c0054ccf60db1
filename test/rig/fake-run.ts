/** What the command line does around a run, without a process that could end, and with fakes in place of those that it would start. */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Stamped } from '../../src/core/event.ts';
import { failureFinding } from '../../src/core/failure.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { StopReason } from '../../src/core/stop-reason.ts';
import type { RunControl, RunHost, RunRequests } from '../../src/engine/run-context.ts';
import { MARKS_ONLY } from '../../src/process/ownership/tiers/marks-only.ts';
import { FakeProcesses } from './fake-processes.ts';

export class FakeRun {
  readonly root = mkdtempSync(join(tmpdir(), 'run-'));
  readonly processes = new FakeProcesses();
  readonly events: Stamped[] = [];
  readonly stop = new AbortController();
  readonly hurry = new AbortController();
  readonly abandon = new AbortController();
  readonly requests = new EventEmitter<RunRequests>();
  crash: Finding | undefined;
  readonly control: RunControl = {
    stop: this.stop.signal,
    hurry: this.hurry.signal,
    abandon: this.abandon.signal,
    requests: this.requests,
    onCrash: (error) => {
      this.crash ??= failureFinding(error, undefined, 'a file');
      this.stop.abort({ type: 'crashed', message: this.crash.message } satisfies StopReason);
    },
    crash: () => this.crash,
  };
  readonly host: RunHost = {
    version: '0',
    reaper: resolve('dist/reaper.js'),
    inherited: process.env,
    control: this.control,
    clock: this.processes.clock,
    tier: MARKS_ONLY,
    openOwner: (_, id) => this.processes.openOwner(id),
    sinks: [(event) => this.events.push(event)],
  };

  constructor() {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
  }

  interrupt(signal = 'SIGINT'): void {
    this.stop.abort({ type: 'interrupted', signal } satisfies StopReason);
  }

  /** The verdict of each component; of one that was left out, why. */
  get verdicts(): Record<string, string> {
    return Object.fromEntries(
      this.events.flatMap((event) => {
        if (event.type === 'component-finished') return [[event.component, event.verdict]];
        return event.type === 'component-skipped' ? [[event.component, event.reason]] : [];
      }),
    );
  }

  get findings(): Finding[] {
    return this.events.flatMap((event) =>
      event.type === 'finding' || event.type === 'run-note' ? [event.finding] : [],
    );
  }

  /** The events of one type. */
  of<T extends Stamped['type']>(type: T): Extract<Stamped, { type: T }>[] {
    return this.events.filter((event): event is Extract<Stamped, { type: T }> => event.type === type);
  }
}
