/** What is known about a run after each event: the one fold that every report is made from. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { RunEvent, Stamped, UsedService } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { Grid } from '../core/grid.ts';
import { type History, knownHistory } from '../core/history.ts';
import type { LoadSummary } from '../core/load.ts';
import { type Ownership, ownershipOf } from '../core/ownership.ts';
import type { Judgement, TrialName } from '../core/proof.ts';
import type { Merged, Shard } from '../core/shard.ts';
import { sharedName } from '../core/shared.ts';
import type { MemoryPreset, Suite } from '../core/suite.ts';
import type { TestResults } from '../core/test-results.ts';
import type { Verdict } from '../core/verdict.ts';
import { addWindow, type LoadProgress, NO_LOAD_YET } from './load-state.ts';
import { NO_SERVICES, readyService, type Services, withoutService, withService } from './service-state.ts';
import { finishSetup, isSetup, printSetup, type SetupState, startSetup } from './setup-state.ts';
import { changeShared, finishShared, type SharedState, startShared } from './shared-state.ts';
import {
  finishTeardown,
  isTeardown,
  printTeardown,
  startTeardown,
  type TeardownState,
} from './teardown-state.ts';

export interface StepState {
  readonly name: string;
  readonly command: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: number;
}

/** The progress of a component; each state has only the fields that exist in it. */
export type Progress =
  | { readonly type: 'waiting' }
  | { readonly type: 'running'; readonly sinceMs: number; readonly step: string; readonly lastLine: string }
  | { readonly type: 'skipped'; readonly reason: string }
  | { readonly type: 'finished'; readonly verdict: Verdict; readonly durationMs: number };

export interface ComponentState extends LoadProgress, Services {
  readonly name: string;
  readonly kind: string | null;
  readonly progress: Progress;
  readonly attempts: number;
  /** In milliseconds since the run began: when each attempt did. */
  readonly attemptsSinceMs: readonly number[];
  readonly flaky: boolean;
  /** Whether it took so long that it was reported as slow while it ran. */
  readonly slow: boolean;
  /** Those of the last attempt, preceded by the notes of earlier passes, each kind once. */
  readonly findings: readonly Finding[];
  /** How many of these belong to earlier passes. */
  readonly ofEarlierPasses: number;
  /** Those of earlier attempts, which failed. */
  readonly earlier: readonly Finding[];
  /** Those of the latest of these attempts. */
  readonly previous: readonly Finding[];
  readonly steps: readonly StepState[];
  /** What the built-in client measured in the last attempt; null if there is none. */
  readonly load: LoadSummary | null;
  /** The single tests that its command ran in the last attempt; null if none are known. */
  readonly tests: TestResults | null;
  /** The matrices of what was tried in the last attempt. */
  readonly grids: readonly Grid[];
  readonly logFile: string | null;
  /** The log of the last attempt that failed, if there was another. */
  readonly failedLogFile: string | null;
  /** Null for a component that is run as it is. */
  readonly trial: (TrialName & { readonly judgement: Judgement | null }) | null;
}

export interface RunState {
  readonly version: string;
  readonly run: string;
  readonly suite: string;
  readonly root: string;
  /** What the suite was made from; null if that is not known. */
  readonly source: Suite['source'] | null;
  /** By component, the folder that its commands are run in. */
  readonly folders: Readonly<Record<string, string>>;
  readonly runDir: string;
  readonly startedAt: string;
  /** In milliseconds since the run began: when the latest event came. */
  readonly elapsedMs: number;
  readonly memory: MemoryPreset;
  readonly ownership: Ownership;
  /** Services of the suite in whose place the run uses what is already there. */
  readonly used: readonly UsedService[];
  /** The run whose failures it runs again; null if that is not what it is for. */
  readonly rerunOf: string | null;
  /** Which part of a suite it is; null if it is no part. */
  readonly shard: Shard | null;
  /** What it was put together from; null if it was not. */
  readonly merged: Merged | null;
  /** How its components did in earlier runs; null if nothing is known of any. */
  readonly history: History | null;
  readonly setup: readonly SetupState[];
  /** The services that are held until the user ends them; null if the run is for its components. */
  readonly holds: readonly string[] | null;
  readonly shared: readonly SharedState[];
  readonly components: readonly ComponentState[];
  readonly teardown: readonly TeardownState[];
  readonly notes: readonly Finding[];
  /** Whether components run again and again: each round has been summed up by itself. */
  readonly isInRounds: boolean;
  /** Why nothing was run, if nothing was. */
  readonly diagnostics: readonly Diagnostic[];
  readonly interrupted: { readonly signal: string; readonly again: boolean } | null;
  readonly finished: {
    readonly verdict: Verdict;
    readonly exitCode: number;
    readonly durationMs: number;
  } | null;
}

export const INITIAL_STATE: RunState = {
  version: '',
  run: '',
  suite: '',
  root: '',
  source: null,
  folders: {},
  runDir: '',
  startedAt: '',
  elapsedMs: 0,
  memory: 'off',
  ownership: ownershipOf('finders'),
  used: [],
  rerunOf: null,
  shard: null,
  merged: null,
  history: null,
  setup: [],
  holds: null,
  shared: [],
  components: [],
  teardown: [],
  notes: [],
  isInRounds: false,
  diagnostics: [],
  interrupted: null,
  finished: null,
};

type Of<T extends RunEvent['type']> = Extract<Stamped, { type: T }>;
type Handlers = { readonly [T in RunEvent['type']]: (state: RunState, event: Of<T>) => RunState };

const fresh = (name: string, kind: string | null): ComponentState => ({
  name,
  kind,
  progress: { type: 'waiting' },
  attempts: 0,
  attemptsSinceMs: [],
  flaky: false,
  slow: false,
  findings: [],
  ofEarlierPasses: 0,
  earlier: [],
  previous: [],
  steps: [],
  ...NO_SERVICES,
  load: null,
  ...NO_LOAD_YET,
  tests: null,
  grids: [],
  logFile: null,
  failedLogFile: null,
  trial: null,
});

function change(
  state: RunState,
  name: string,
  update: (component: ComponentState) => ComponentState,
): RunState {
  const at = state.components.findIndex((component) => component.name === name);
  const component = state.components[at];
  return component === undefined
    ? state
    : { ...state, components: state.components.with(at, update(component)) };
}

/** Adds a finding; it replaces one of the same kind from an earlier pass. */
function withFinding(component: ComponentState, finding: Finding): ComponentState {
  const { findings, ofEarlierPasses } = component;
  const kept = findings
    .slice(0, ofEarlierPasses)
    .filter(({ code, step }) => code !== finding.code || step !== finding.step);
  return {
    ...component,
    findings: [...kept, ...findings.slice(ofEarlierPasses), finding],
    ofEarlierPasses: kept.length,
  };
}

const HANDLERS: Handlers = {
  'run-refused': (_, { version, root, startedAt, diagnostics, exitCode }) => ({
    ...INITIAL_STATE,
    ...{ version, root, startedAt, diagnostics },
    finished: { verdict: 'inconclusive', exitCode, durationMs: 0 },
  }),
  // Everything known so far is about what came before the run.
  'run-started': (_, event) => ({
    ...INITIAL_STATE,
    version: event.version,
    run: event.run,
    suite: event.suite,
    root: event.root,
    source: event.source ?? null,
    folders: Object.fromEntries(event.components.map(({ name, cwd }) => [name, cwd ?? event.root])),
    runDir: event.runDir,
    startedAt: event.startedAt,
    memory: event.memory,
    ownership: event.ownership,
    used: event.used ?? [],
    rerunOf: event.rerunOf ?? null,
    shard: event.shard ?? null,
    merged: event.merged ?? null,
    holds: event.holds ?? null,
    components: event.components.map(({ name, kind }) => fresh(name, kind)),
  }),
  history: (state, told) => ({ ...state, history: knownHistory(told) }),
  'component-skipped': (state, event) => {
    const known = state.components.some(({ name }) => name === event.component);
    const extended = known
      ? state
      : { ...state, components: [...state.components, fresh(event.component, event.kind)] };
    return change(extended, event.component, (component) => ({
      ...component,
      progress: { type: 'skipped', reason: event.reason },
    }));
  },
  'setup-started': startSetup,
  'setup-finished': finishSetup,
  'teardown-started': startTeardown,
  'teardown-finished': finishTeardown,
  'shared-started': startShared,
  'shared-finished': finishShared,
  'component-started': (state, event) =>
    change(state, event.component, (component) => ({
      ...component,
      attempts: event.attempt,
      // A pass that is repeated belongs to its attempt.
      attemptsSinceMs:
        event.attempt === component.attempts
          ? component.attemptsSinceMs
          : [...component.attemptsSinceMs, event.elapsedMs],
      logFile: event.logFile,
      steps: [],
      ...NO_SERVICES,
      load: null,
      ...NO_LOAD_YET,
      tests: null,
      grids: [],
      // The findings of failed attempts have already been moved: these are notes of a pass that is repeated.
      ofEarlierPasses: component.findings.length,
      progress:
        component.progress.type === 'running'
          ? component.progress
          : { type: 'running', sinceMs: event.elapsedMs, step: '', lastLine: '' },
    })),
  'process-started': (state, event) =>
    change(state, event.component, (component) =>
      component.progress.type === 'running'
        ? { ...component, progress: { ...component.progress, step: event.step, lastLine: '' } }
        : component,
    ),
  'step-finished': (state, event) =>
    change(state, event.component, (component) => ({
      ...component,
      steps: [
        ...component.steps,
        {
          name: event.step,
          command: event.command,
          exitCode: event.exitCode,
          signal: event.signal,
          durationMs: event.durationMs,
        },
      ],
    })),
  'load-finished': (state, event) =>
    change(state, event.component, (component) => ({ ...component, load: event.load })),
  'tests-finished': (state, { component, tests }) => change(state, component, (each) => ({ ...each, tests })),
  'grid-finished': (state, { component: of, grid }) =>
    change(state, of, (component) => ({ ...component, grids: [...component.grids, grid] })),
  'load-window': (state, event) =>
    change(state, event.component, (component) => ({ ...component, ...addWindow(component, event) })),
  'proxy-finished': (state) => state,
  output: (state, event) => {
    const shared = sharedName(event.component);
    return isSetup(event.component)
      ? printSetup(state, event)
      : shared !== undefined
        ? changeShared(state, shared, { lastLine: event.lastLine })
        : isTeardown(event.component)
          ? printTeardown(state, event)
          : change(state, event.component, (component) =>
              component.progress.type === 'running'
                ? {
                    ...component,
                    progress: { ...component.progress, step: event.step, lastLine: event.lastLine },
                  }
                : component,
            );
  },
  'service-ready': (state, event) => {
    const ready = readyService(event);
    const shared = sharedName(event.component);
    return shared === undefined
      ? change(state, event.component, (component) => ({ ...component, ...withService(component, event) }))
      : changeShared(state, shared, { progress: 'ready', ready });
  },
  'service-waiting': (state) => state,
  'service-died': (state, event) =>
    change(state, event.component, (component) => ({ ...component, ...withoutService(component, event) })),
  'service-told': (state) => state,
  'signal-sent': (state) => state,
  'service-ended': (state, event) =>
    change(state, event.component, (component) => ({ ...component, ...withoutService(component, event) })),
  finding: (state, event) =>
    change(state, event.component, (component) => withFinding(component, event.finding)),
  'round-started': (state, { components }) => ({
    ...state,
    isInRounds: true,
    components: state.components.map((each) =>
      components.includes(each.name) ? fresh(each.name, each.kind) : each,
    ),
    // What has ended or failed before is no concern of this round.
    shared: state.shared.filter(({ progress }) => progress !== 'ended' && progress !== 'failed'),
  }),
  'round-finished': (state) => state,
  'component-retrying': (state, event) =>
    change(state, event.component, (component) => ({
      ...component,
      earlier: [...component.earlier, ...component.findings.slice(component.ofEarlierPasses)],
      previous: component.findings.slice(component.ofEarlierPasses),
      failedLogFile: component.logFile,
      findings: component.findings.slice(0, component.ofEarlierPasses),
    })),
  'component-finished': (state, event) =>
    change(state, event.component, (component) => ({
      ...component,
      flaky: event.flaky,
      attempts: event.attempts,
      progress: { type: 'finished', verdict: event.verdict, durationMs: event.durationMs },
    })),
  'trial-planned': (state, { component, kind, trial }) => ({
    ...state,
    components: [...state.components, { ...fresh(component, kind), trial: { ...trial, judgement: null } }],
  }),
  'trial-judged': (state, { component, judgement }) =>
    change(state, component, (each) =>
      each.trial === null ? each : { ...each, trial: { ...each.trial, judgement } },
    ),
  'component-slow': (state, event) =>
    change(state, event.component, (component) => ({ ...component, slow: true })),
  running: (state) => state,
  resumed: (state) => state,
  interrupted: (state, event) => ({ ...state, interrupted: { signal: event.signal, again: event.again } }),
  'run-note': (state, event) => ({ ...state, notes: [...state.notes, event.finding] }),
  'run-finished': (state, event) => ({
    ...state,
    finished: { verdict: event.verdict, exitCode: event.exitCode, durationMs: event.durationMs },
  }),
};

/** Whether an event by this name is known: one that was read may be of another version. */
export const isEventType = (name: string): name is RunEvent['type'] => Object.hasOwn(HANDLERS, name);

/** The state after one more event. */
export function advance(state: RunState, event: Stamped): RunState {
  const handle = HANDLERS[event.type] as (state: RunState, event: Stamped) => RunState;
  return { ...handle(state, event), elapsedMs: event.elapsedMs };
}

/** The verdict of a component as reports show it: nobody knows what one would have come to that has not ended. */
export function componentVerdict({ progress }: ComponentState): Verdict {
  if (progress.type === 'finished') return progress.verdict;
  return progress.type === 'running' ? 'inconclusive' : 'skipped';
}
