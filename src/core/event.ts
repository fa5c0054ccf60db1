import type { Diagnostic } from './diagnostic.ts';
import type { Finding } from './finding.ts';
import type { Grid } from './grid.ts';
import type { ToldHistory } from './history.ts';
import type { ProxyReport } from './http-fault.ts';
import type { LoadSummary, LoadWindow } from './load.ts';
import type { Ownership } from './ownership.ts';
import type { Judgement, TrialName } from './proof.ts';
import type { Merged, Shard } from './shard.ts';
import type { RunningProcess } from './snapshot.ts';
import type { MemoryPreset, Shared, Suite } from './suite.ts';
import type { TestResults } from './test-results.ts';
import type { Undo } from './undo.ts';
import type { Verdict } from './verdict.ts';

/** A service that this run uses and has neither started nor ends. */
export interface UsedService {
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
}

/**
 * All events of a run. Only ids, strings and numbers, so that journal, replay and screen can share them. A `component`
 * that begins with `setup:` is a setup step, one that begins with `shared:` is a service or task of the suite, `undo:` and
 * `teardown:` stand for steps that tidy up; no component can have such a name.
 */
export type RunEvent =
  /** Nothing was run because of a user's mistake. It is then the only event. */
  | {
      readonly type: 'run-refused';
      readonly version: string;
      readonly root: string;
      readonly startedAt: string;
      readonly diagnostics: readonly Diagnostic[];
      readonly exitCode: number;
    }
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly version: string;
      readonly suite: string;
      readonly root: string;
      /** What the suite was made from; journals of earlier versions lack it. */
      readonly source?: Suite['source'];
      readonly runDir: string;
      readonly startedAt: string;
      readonly memory: MemoryPreset;
      readonly ownership: Ownership;
      readonly jobs: number;
      readonly components: readonly {
        readonly name: string;
        readonly kind: string;
        /** Where its commands are run; journals of earlier versions lack it. */
        readonly cwd?: string;
        /** Tells whether it is the same as in another run; of a shard only, and of what was put together from some. */
        readonly likeness?: string;
      }[];
      /** Services of the suite in whose place the run uses what is already there; absent if there are none. */
      readonly used?: readonly UsedService[];
      /** The services that are held until the user ends them, if that is what the run is for. */
      readonly holds?: readonly string[];
      /** Whether later runs are compared with it, and may run its failures again. */
      readonly isCompared?: true;
      /** The run before it, if it is for what had not passed by then. */
      readonly rerunOf?: string;
      /** Which part of a suite the run is, if it is one of several. */
      readonly shard?: Shard;
      /** What the run was put together from, if it was. */
      readonly merged?: Merged;
    }
  /** How the components did in earlier runs; only if there are any that can be compared. */
  | ({ readonly type: 'history' } & ToldHistory)
  | {
      readonly type: 'component-skipped';
      readonly component: string;
      readonly kind: string | null;
      readonly reason: string;
    }
  | { readonly type: 'setup-started'; readonly step: string }
  | {
      readonly type: 'setup-finished';
      readonly step: string;
      readonly outcome: 'done' | 'cached' | 'failed';
      readonly durationMs: number;
      readonly logFile: string | null;
      readonly findings: readonly Finding[];
    }
  /** After everything else: an undo of something that the run has done, or a step of the teardown. */
  | {
      readonly type: 'teardown-started';
      readonly step: string;
      readonly kind: Undo['kind'];
      readonly command: string;
    }
  | {
      readonly type: 'teardown-finished';
      readonly step: string;
      readonly kind: Undo['kind'];
      readonly outcome: 'done' | 'failed';
      readonly durationMs: number;
      readonly logFile: string;
      readonly findings: readonly Finding[];
    }
  /** A service or task of the suite, which components share. */
  | {
      readonly type: 'shared-started';
      /** Followed by `@` and the component if only that one uses it. */
      readonly shared: string;
      readonly kind: Shared['type'];
      readonly logFile: string;
    }
  | {
      readonly type: 'shared-finished';
      readonly shared: string;
      readonly outcome: 'ended' | 'done' | 'cached' | 'failed';
      readonly durationMs: number;
      readonly findings: readonly Finding[];
    }
  | {
      readonly type: 'component-started';
      readonly component: string;
      readonly kind: string;
      readonly attempt: number;
      /** Null if its outcome is known without running it. */
      readonly logFile: string | null;
    }
  | {
      readonly type: 'process-started';
      readonly component: string;
      readonly step: string;
      readonly pid: number;
      readonly startTicks: number | null;
      readonly command: string;
    }
  | {
      readonly type: 'step-finished';
      readonly component: string;
      readonly step: string;
      readonly command: string;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly durationMs: number;
      readonly lines: number;
    }
  /** The built-in client's measurements. */
  | {
      readonly type: 'load-finished';
      readonly component: string;
      readonly step: string;
      readonly load: LoadSummary;
    }
  /** The single tests that a command ran, once it has ended. */
  | {
      readonly type: 'tests-finished';
      readonly component: string;
      readonly attempt: number;
      readonly tests: TestResults;
    }
  /** All combinations of a matrix have been tried, or as many as there was time for. */
  | { readonly type: 'grid-finished'; readonly component: string; readonly grid: Grid }
  /** About a second of the built-in client's load has passed. */
  | {
      readonly type: 'load-window';
      readonly component: string;
      readonly step: string;
      /** Its `atMs` counts from the start of this load, or of the search for a rate. */
      readonly window: LoadWindow;
      /** How long the load is to take, its warm-up included; null if that is not known. */
      readonly limitMs: number | null;
    }
  /** A fault proxy was in use, and its users have ended. */
  | {
      readonly type: 'proxy-finished';
      readonly component: string;
      /** The service behind it. */
      readonly service: string;
      /** Who used it: the client, the services that need this one, or all who need a service of the suite. */
      readonly user: 'client' | 'services' | 'all';
      readonly report: ProxyReport;
    }
  | { readonly type: 'output'; readonly component: string; readonly step: string; readonly lastLine: string }
  | {
      readonly type: 'service-ready';
      readonly component: string;
      readonly service: string;
      /** Null if this run has not started it. */
      readonly pid: number | null;
      readonly port: number | null;
      /** Where it is reached: a URL if it is asked by HTTP, else host and port. Of services of the suite only. */
      readonly address?: string;
      /** In words, what happens to its answers on their way from it to that port. Of services of the suite only. */
      readonly faults?: readonly string[];
      readonly readyAfterMs: number;
    }
  /** It is not ready yet, for a known reason. */
  | {
      readonly type: 'service-waiting';
      readonly component: string;
      readonly service: string;
      readonly message: string;
    }
  /** It has ended by itself while it was in use. */
  | {
      readonly type: 'service-died';
      readonly component: string;
      readonly service: string;
      /** Both are null where that cannot be learned, as of a daemon. */
      readonly exitCode: number | null;
      readonly signal: string | null;
    }
  /** It is told to stop, or to restart, in the middle of a load. */
  | {
      readonly type: 'service-told';
      readonly component: string;
      readonly service: string;
      readonly signal: string;
    }
  /** What is left of a service or command is told to end: SIGTERM or what the config says, or killed. Once for each signal. */
  | {
      readonly type: 'signal-sent';
      readonly component: string;
      readonly step: string;
      readonly signal: string;
    }
  /** It has been ended. */
  | {
      readonly type: 'service-ended';
      readonly component: string;
      readonly service: string;
      /** Of ending it. */
      readonly durationMs: number;
    }
  | {
      readonly type: 'finding';
      readonly component: string;
      readonly attempt: number;
      readonly finding: Finding;
    }
  /** A component is about to be run with a fault, under a name of its own. */
  | {
      readonly type: 'trial-planned';
      readonly component: string;
      readonly kind: string;
      readonly trial: TrialName;
    }
  | { readonly type: 'trial-judged'; readonly component: string; readonly judgement: Judgement }
  /** Components are run once more, since somebody asked for it, or files have changed. */
  | { readonly type: 'round-started'; readonly components: readonly string[]; readonly because: string }
  | {
      readonly type: 'round-finished';
      readonly components: readonly string[];
      readonly verdict: Verdict;
      readonly durationMs: number;
    }
  | {
      readonly type: 'component-retrying';
      readonly component: string;
      readonly attempt: number;
      readonly attempts: number;
    }
  /** It is taking long; nothing has been done about it yet. */
  | {
      readonly type: 'component-slow';
      readonly component: string;
      readonly afterMs: number;
      /** When it will be ended. */
      readonly limitMs: number;
    }
  /** The answer to a request: what is running now. */
  | {
      readonly type: 'running';
      readonly components: readonly {
        readonly component: string;
        readonly running: readonly RunningProcess[];
        readonly lastLines: readonly string[];
      }[];
    }
  /** Shakedown was suspended with everything it runs, and goes on. That time is not counted anywhere. */
  | { readonly type: 'resumed'; readonly stoppedMs: number }
  | {
      readonly type: 'component-finished';
      readonly component: string;
      readonly verdict: Verdict;
      readonly flaky: boolean;
      readonly attempts: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'interrupted';
      readonly signal: string;
      /** The key that stood for the signal, if it was one. */
      readonly key?: string;
      readonly again: boolean;
      readonly ending: readonly string[];
      /** What is being undone, which goes on. */
      readonly undoing?: string;
    }
  | { readonly type: 'run-note'; readonly finding: Finding }
  | {
      readonly type: 'run-finished';
      readonly verdict: Verdict;
      readonly exitCode: number;
      readonly durationMs: number;
    };

/** An event with its position in the run. */
export type Stamped = RunEvent & {
  /** Counts from 0, without gaps. */
  readonly seq: number;
  /** Milliseconds since the run started, on a clock that never goes backwards. */
  readonly elapsedMs: number;
};
