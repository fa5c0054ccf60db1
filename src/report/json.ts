import { relative } from 'node:path';
import { toJson } from '../core/harmless.ts';
import { shortNumbers } from '../core/units.ts';
import { pastIn } from './past.ts';
import { proofOf } from './proof.ts';
import type { SharedState } from './shared-state.ts';
import { aroundDuration, componentDuration, runDuration } from './so-far.ts';
import { type ComponentState, componentVerdict, type RunState } from './state.ts';

/** Version of this format; incremented when a name is changed or removed, not when one is added. */
const VERSION = 1;

const round = (value: number): number => Math.round(value * 1000) / 1000;

function component(state: ComponentState, run: RunState) {
  const { progress } = state;
  const past = pastIn(run, state);
  const starts = state.attemptsSinceMs.map(round);
  return {
    name: state.name,
    kind: state.kind,
    verdict: componentVerdict(state),
    startedAfterMs: starts[0] ?? null,
    durationMs: round(componentDuration(state, run)),
    flaky: state.flaky,
    slow: state.slow,
    attempts: state.attempts,
    ...(starts.length > 1 ? { attemptsStartedAfterMs: starts } : {}),
    ...(progress.type === 'skipped' ? { skipped: progress.reason } : {}),
    ...(state.trial === null ? {} : { trial: state.trial }),
    findings: state.findings,
    earlierFindings: state.earlier,
    steps: state.steps.map((step) => ({ ...step, durationMs: round(step.durationMs) })),
    services: state.services.map(({ sinceMs, readyAfterMs, ...service }) => ({
      ...service,
      startedAfterMs: round(sinceMs),
      readyAfterMs: round(readyAfterMs),
    })),
    ...(state.load === null ? {} : { load: state.load }),
    ...(state.tests === null ? {} : { tests: state.tests }),
    ...(state.grids.length === 0 ? {} : { grids: state.grids }),
    logFile: state.logFile === null ? null : relative(run.root, state.logFile),
    ...(past === undefined ? {} : { history: past }),
  };
}

function shared(state: SharedState, run: RunState) {
  const { name, kind, progress, ready, findings, logFile } = state;
  return {
    name,
    kind,
    outcome: progress,
    startedAfterMs: round(state.sinceMs),
    durationMs: round(aroundDuration(state, progress, run)),
    ...(ready === null ? {} : { pid: ready.pid, port: ready.port, readyAfterMs: round(ready.readyAfterMs) }),
    findings,
    logFile: relative(run.root, logFile),
  };
}

/**
 * The whole run as plain data; `logFile` is relative to `root`, and each `startedAfterMs` counts from the start of the run:
 * null if that never began.
 */
export function jsonOf(state: RunState) {
  const proof = proofOf(state);
  return {
    version: VERSION,
    shakedown: state.version,
    run: state.run,
    suite: state.suite,
    root: state.root,
    startedAt: state.startedAt,
    durationMs: round(runDuration(state)),
    verdict: state.finished?.verdict ?? 'inconclusive',
    exitCode: state.finished?.exitCode ?? null,
    memory: state.memory,
    ownership: state.ownership,
    ...(state.used.length === 0 ? {} : { used: state.used }),
    ...(state.rerunOf === null ? {} : { rerunOf: state.rerunOf }),
    ...(state.shard === null ? {} : { shard: state.shard }),
    ...(state.merged === null ? {} : { merged: state.merged }),
    setup: state.setup.map(({ name, outcome, findings, ...times }) => ({
      name,
      outcome,
      startedAfterMs: round(times.sinceMs),
      durationMs: round(aroundDuration(times, outcome, state)),
      findings,
    })),
    ...(state.shared.length === 0 ? {} : { services: state.shared.map((each) => shared(each, state)) }),
    ...(state.teardown.length === 0
      ? {}
      : {
          teardown: state.teardown.map(({ logFile, sinceMs, lastLine, ...step }) => ({
            ...step,
            startedAfterMs: round(sinceMs),
            durationMs: round(aroundDuration({ sinceMs, ...step }, step.outcome, state)),
            logFile: logFile === null ? null : relative(state.root, logFile),
          })),
        }),
    notes: state.notes,
    ...(state.diagnostics.length === 0 ? {} : { diagnostics: state.diagnostics }),
    ...(proof === undefined ? {} : { proof }),
    components: state.components.map((each) => component(each, state)),
  };
}

/** The whole run as one JSON document. */
export const jsonReport = (state: RunState): string => `${toJson(jsonOf(state), shortNumbers, 2)}\n`;
