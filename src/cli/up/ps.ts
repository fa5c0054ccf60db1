/** `shakedown ps`: what is up in this project. */
import { relative } from 'node:path';
import { visible } from '../../core/harmless.ts';
import { formatDuration } from '../../core/units.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import type { SharedState } from '../../report/shared-state.ts';
import type { RunState } from '../../report/state.ts';
import { decisive } from '../../report/worst.ts';
import type { Program } from '../flags.ts';
import { type Outcome, SUCCESS } from '../outcome.ts';
import { say } from '../say.ts';
import { deliverJson } from '../standard-output.ts';
import { table } from '../table.ts';
import { ageOf, type Holder, holderIn, nothingUp, rootOf, type WhereFlags } from './holder.ts';

export interface PsFlags extends WhereFlags {
  readonly json: boolean;
}

type State = 'waiting' | 'starting' | 'ready' | 'done' | 'stopped' | 'failed';

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly state: State;
  readonly pid: number | null;
  readonly port: number | null;
  readonly address: string | null;
  /** When it came into this state: milliseconds since the beginning of the run. */
  readonly sinceMs: number;
  readonly message: string | null;
  readonly logFile: string | null;
}

const STATES = {
  ...{
    starting: 'starting',
    ready: 'ready',
    ended: 'stopped',
    done: 'done',
    cached: 'done',
    failed: 'failed',
  },
} as const satisfies Record<SharedState['progress'], State>;

function rowOf({ name, kind, progress, ...shared }: SharedState, root: string): Row {
  const { ready, sinceMs, durationMs } = shared;
  const isUp = progress === 'ready';
  return {
    ...{ name, kind, state: STATES[progress] },
    pid: isUp ? (ready?.pid ?? null) : null,
    port: isUp ? (ready?.port ?? null) : null,
    address: isUp ? (ready?.address ?? null) : null,
    sinceMs: sinceMs + (isUp ? (ready?.readyAfterMs ?? 0) : durationMs),
    message: decisive(shared.findings)?.message ?? null,
    logFile: relative(root, shared.logFile),
  };
}

/** Those that wait for others have not begun. */
function waiting({ holds, shared }: RunState): Row[] {
  const unknown = (holds ?? []).filter((name) => shared.every((each) => each.name !== name));
  return unknown.map((name) => ({
    ...{ name, kind: 'service', state: 'waiting', sinceMs: 0 },
    ...{ pid: null, port: null, address: null, message: null, logFile: null },
  }));
}

const rowsOf = (state: RunState): Row[] => [
  ...state.shared.map((shared) => rowOf(shared, state.root)),
  ...waiting(state),
];

export async function ps(flags: PsFlags, { cwd }: Pick<Program, 'cwd'>): Promise<Outcome> {
  const root = rootOf(flags, cwd);
  const holder = holderIn(root);
  holder?.look();
  if (holder === undefined) {
    if (!flags.json) return nothingUp(root);
    deliverJson({ version: 1, run: null, services: [] });
    return { exitCode: EXIT_CODES.skipped };
  }
  if (flags.json) deliverJson(jsonOf(holder));
  else for (const line of linesOf(holder, process.stdout.columns)) say(line);
  return SUCCESS;
}

function jsonOf({ run, state }: Holder) {
  const at = (sinceMs: number): string => new Date(Date.parse(state.startedAt) + sinceMs).toISOString();
  return {
    ...{
      version: 1,
      run: run.run,
      pid: run.pid,
      since: state.startedAt,
      root: state.root,
      runDir: state.runDir,
    },
    services: rowsOf(state).map(({ sinceMs, ...row }) => ({ ...row, since: at(sinceMs) })),
  };
}

/** @param columns the width of the terminal: what does not fit there as a table is a few lines for each service */
export function linesOf(
  { run, state }: Pick<Holder, 'state'> & { readonly run: Pick<Holder['run'], 'pid' | 'run'> },
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const rows = rowsOf(state);
  const age = ({ sinceMs }: Row): string => formatDuration(ageOf(state, sinceMs));
  const cells = rows.map((row) => {
    const { name, state: of, pid, address, message } = row;
    return [name, of, pid === null ? '-' : String(pid), address ?? '-', age(row), message ?? ''];
  });
  const wide = table([['SERVICE', 'STATE', 'PID', 'ADDRESS', 'FOR', ''], ...cells]).map(visible);
  const narrow = rows.flatMap((row) => {
    const { name, state: of, pid, address, message } = row;
    const details = [address, pid === null ? null : `pid ${pid}`, message].filter(
      (detail) => detail !== null,
    );
    return [`  ${name}  ${of} for ${age(row)}`, ...details.map((detail) => `    ${detail}`)].map(visible);
  });
  const isNarrow = wide.some((line) => line.length > columns);
  return [
    ...(isNarrow ? narrow : wide),
    `held by pid ${run.pid} for ${formatDuration(ageOf(state, 0))}; run ${run.run}`,
  ];
}
