/** The live part at the bottom of a terminal: what runs, what is up, and what is still to come. */
import { type History, pastOf } from '../../core/history.ts';
import { formatDuration, plural } from '../../core/units.ts';
import { loadNow, sparkline } from '../../load/report/brief.ts';
import type { Paint } from '../../text/paint.ts';
import { fitTo, padTo, widthOf } from '../../text/width.ts';
import { labelOf } from '../proof.ts';
import type { SharedState } from '../shared-state.ts';
import type { ComponentState, RunState } from '../state.ts';
import { badness } from '../worst.ts';
import { GUTTER, nameWidth } from './parts.ts';
import { trialsToCome } from './trial-lines.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPIN_EVERY = 100;
/** If there are more components than this, it is said how many have ended. */
const FEW = 9;

/** How much of a terminal the frame may take. */
export interface Room {
  readonly rows: number;
  readonly columns: number;
}

/** Something that runs. */
interface Item {
  /** The higher, the more it matters where there is no room for all. */
  readonly weight: number;
  readonly sinceMs: number;
  readonly head: () => string;
  /** What more is known of it, if there is room; the most important first. */
  readonly details: () => string[];
}

interface Drawing {
  readonly state: RunState;
  readonly overview: Overview;
  /** Time since the run started. */
  readonly elapsedMs: number;
  readonly room: Room;
  /** Of the column of names. */
  readonly width: number;
  readonly paint: Paint;
}

type Running = Extract<ComponentState['progress'], { type: 'running' }>;

/** The components by what has become of them. */
interface Overview {
  readonly running: readonly { readonly component: ComponentState; readonly progress: Running }[];
  /** Names, without those of trials: there are too many. */
  readonly waiting: readonly string[];
  readonly all: number;
  readonly ended: number;
  readonly failed: number;
  /** Single tests, as far as any are known. */
  readonly tests: { readonly passed: number; readonly failed: number } | undefined;
}

/** In one pass: there may be thousands, ten times a second. */
function overviewOf({ components }: RunState): Overview {
  const running: Overview['running'][number][] = [];
  const waiting: string[] = [];
  let [ended, failed] = [0, 0];
  let tests: Overview['tests'];
  for (const component of components) {
    const { progress, trial, name } = component;
    if (progress.type === 'running') running.push({ component, progress });
    else if (progress.type === 'waiting' && trial === null) waiting.push(name);
    else if (progress.type === 'finished') {
      ended += 1;
      if (progress.verdict === 'failed') failed += 1;
    }
    const counts = component.tests?.counts;
    if (counts !== undefined)
      tests = {
        passed: (tests?.passed ?? 0) + counts.passed,
        failed: (tests?.failed ?? 0) + counts.failed,
      };
  }
  return { running, waiting, all: components.length, ended, failed, tests };
}

const WEIGHTS = { usual: 0, slow: 1, failing: 2 } as const;

/**
 * @param elapsedMs time since the run started
 * @returns the lines of the frame, which fit into the room
 */
export function frameOf(state: RunState, elapsedMs: number, room: Room, paint: Paint): string[] {
  const overview = overviewOf(state);
  const drawing = { state, overview, elapsedMs, room, width: nameWidth(state), paint };
  const items = [...before(drawing), ...running(drawing), ...after(drawing)];
  const next = toCome(drawing);
  const footer = next === undefined ? 0 : 1;
  const lines =
    items.length + footer > room.rows
      ? crowded(items, drawing)
      : [
          ...spacious(items, drawing, room.rows - footer),
          ...(next === undefined ? [] : [paint.dim(`    ${next}`)]),
        ];
  return lines.map((line) => fitTo(line, room.columns));
}

/** All of them, with as many details as there is room for: the first of each, then the second. */
function spacious(items: readonly Item[], drawing: Drawing, rows: number): string[] {
  const details = items.map((item) => item.details());
  const shown = items.map(() => 0);
  const up = upLine(drawing);
  let left = rows - items.length - up.length;
  const most = Math.max(0, ...details.map(({ length }) => length));
  for (let nth = 0; nth < most && left > 0; nth += 1)
    for (const [at, each] of details.entries()) {
      if (nth >= each.length || left <= 0) continue;
      shown[at] = nth + 1;
      left -= 1;
    }
  const lines = items.flatMap((item, at) => [item.head(), ...(details[at] ?? []).slice(0, shown[at])]);
  return left >= 0 ? [...up, ...lines] : lines;
}

/** Those that matter most, in their order, and how many more there are. */
function crowded(items: readonly Item[], { overview, room, paint }: Drawing): string[] {
  const chosen = new Set(
    items.toSorted((a, b) => b.weight - a.weight || a.sinceMs - b.sinceMs).slice(0, room.rows - 1),
  );
  const waiting = overview.waiting.length;
  const rest = `and ${items.length - chosen.size} more running${waiting > 0 ? `, ${waiting} waiting` : ''}`;
  return [
    ...items.filter((item) => chosen.has(item)).map((item) => item.head()),
    paint.dim(`    ${[...tallyOf(overview), rest].join(' · ')}`),
  ];
}

/** `⠋ api          12.4 s  client · its last line` */
function headOf(
  { elapsedMs, width, paint }: Drawing,
  name: string,
  sinceMs: number,
  { what, lastLine, warning }: { what: string; lastLine: string; warning?: string | undefined },
): string {
  const spinner = SPINNER[Math.floor(elapsedMs / SPIN_EVERY) % SPINNER.length] ?? '';
  const took = formatDuration(Math.max(0, elapsedMs - sinceMs)).padStart(8);
  const warned = warning === undefined ? [] : [paint.warn(warning)];
  const words = [...(what === '' ? [] : [what]), ...warned].join(' · ');
  const said = lastLine === '' ? '' : paint.dim(` ${words === '' ? '' : '· '}${lastLine}`);
  return `  ${paint.warn(spinner)} ${padTo(name, width)} ${paint.dim(took)}  ${words}${said}`;
}

const usual = (sinceMs: number, head: Item['head']): Item => ({
  weight: WEIGHTS.usual,
  sinceMs,
  head,
  details: () => [],
});

/** Steps of the setup, and what components share while it starts. */
function before(drawing: Drawing): Item[] {
  const { setup, shared } = drawing.state;
  return [
    ...setup.flatMap(({ name, outcome, sinceMs, lastLine }) => {
      const what = name === 'setup' ? '' : name;
      return outcome === 'running'
        ? [usual(sinceMs, () => headOf(drawing, 'setup', sinceMs, { what, lastLine }))]
        : [];
    }),
    ...shared.flatMap(({ name, progress, sinceMs, lastLine }) =>
      progress === 'starting'
        ? [usual(sinceMs, () => headOf(drawing, name, sinceMs, { what: '', lastLine }))]
        : [],
    ),
  ];
}

function after(drawing: Drawing): Item[] {
  return drawing.state.teardown.flatMap(({ name, kind, outcome, sinceMs, lastLine }) => {
    const what = name === kind ? '' : name;
    return outcome === 'running'
      ? [usual(sinceMs, () => headOf(drawing, kind, sinceMs, { what, lastLine }))]
      : [];
  });
}

const running = (drawing: Drawing): Item[] =>
  drawing.overview.running.map(
    ({ component, progress }) => new RunningComponent(component, progress, drawing),
  );

/** A class, since there may be a thousand ten times a second, of which few are shown. */
class RunningComponent implements Item {
  readonly weight: number;
  readonly sinceMs: number;
  readonly #component: ComponentState;
  readonly #progress: Running;
  readonly #longer: string | undefined;
  readonly #drawing: Drawing;

  constructor(component: ComponentState, progress: Running, drawing: Drawing) {
    const isFailing = component.earlier.length > 0 || component.findings.some((each) => badness(each) > 0);
    this.#longer = longerThanEver(component, progress.sinceMs, drawing);
    const isSlow = component.slow || this.#longer !== undefined;
    this.weight = isFailing ? WEIGHTS.failing : isSlow ? WEIGHTS.slow : WEIGHTS.usual;
    this.sinceMs = progress.sinceMs;
    this.#component = component;
    this.#progress = progress;
    this.#drawing = drawing;
  }

  head(): string {
    return componentHead(this.#component, this.#progress, this.#longer, this.#drawing);
  }

  details(): string[] {
    return [...loadLines(this.#component, this.#drawing), ...serviceLines(this.#component, this.#drawing)];
  }
}

function componentHead(
  component: ComponentState,
  { sinceMs, step, lastLine }: Running,
  longer: string | undefined,
  drawing: Drawing,
): string {
  const { name, trial, attempts } = component;
  const again = attempts > 1 ? [`attempt ${attempts}`] : [];
  const what = [...again, ...(step === name || step === '' ? [] : [step])].join(' · ');
  // What a load says of itself is in a line of its own, unless it says more: how many requests are left.
  const said = isLoading(component) && component.loadLimitMs !== null ? '' : lastLine;
  return headOf(drawing, labelOf({ name, trial }), sinceMs, { what, lastLine: said, warning: longer });
}

/** With fewer runs behind it, nobody knows what is usual. */
const FEWEST_PASSES = 3;
/** It is clear that something takes longer than ever if it does so by a fifth, and by a second. */
const CLEARLY = { share: 0.2, ms: 1000 };

/** By component. What is known of the past does not change while it is shown, ten times a second. */
const longestPasses = new WeakMap<History, Map<string, number | undefined>>();

/** How long the longest pass of a component took, in milliseconds; undefined if there are too few. */
function longestPass(history: History, name: string): number | undefined {
  const known = longestPasses.get(history) ?? new Map<string, number | undefined>();
  longestPasses.set(history, known);
  if (known.has(name)) return known.get(name);
  const took = pastOf(history, name).flatMap(({ verdict, durationMs }) =>
    verdict === 'passed' ? [durationMs] : [],
  );
  const longest = took.length < FEWEST_PASSES ? undefined : Math.max(...took);
  known.set(name, longest);
  return longest;
}

/** `3.00 s longer than ever`, compared with when it passed; undefined unless that is clear. */
function longerThanEver(
  { name }: ComponentState,
  sinceMs: number,
  { state, elapsedMs }: Drawing,
): string | undefined {
  const longest = state.history === null ? undefined : longestPass(state.history, name);
  if (longest === undefined) return undefined;
  const over = elapsedMs - sinceMs - longest;
  return over >= Math.max(CLEARLY.ms, longest * CLEARLY.share)
    ? `${formatDuration(over)} longer than ever`
    : undefined;
}

const isLoading = ({ window, load }: ComponentState): boolean => window !== null && load === null;

/** The space between the figures of a load and their course. */
const GAP = 2;
/** A course of fewer seconds than this says nothing. */
const SHORTEST_COURSE = 5;

function loadLines(component: ComponentState, { room, paint }: Drawing): string[] {
  const { window, rates, loadErrors, loadLimitMs } = component;
  if (window === null || !isLoading(component)) return [];
  const now = { errors: loadErrors, limitMs: loadLimitMs };
  const figures = `${GUTTER}${loadNow(window, now, room.columns - GUTTER.length)}`;
  const left = room.columns - widthOf(figures) - GAP;
  if (left < SHORTEST_COURSE) return [figures];
  return [`${figures}${' '.repeat(GAP)}${paint.good(sparkline(rates.slice(-left)))}`];
}

const upSince = (name: string, port: number | null, sinceMs: number, { elapsedMs }: Drawing): string =>
  `${name}${port === null ? '' : ` on port ${port}`} ready for ${formatDuration(Math.max(0, elapsedMs - sinceMs))}`;

function serviceLines({ up }: ComponentState, drawing: Drawing): string[] {
  if (up.length === 0) return [];
  const each = up.map(({ name, port, sinceMs }) => upSince(name, port, sinceMs, drawing));
  return [drawing.paint.dim(`${GUTTER}${each.join(' · ')}`)];
}

const isUp = ({ progress, kind }: SharedState): boolean => progress === 'ready' && kind !== 'external';

/** The services that components share, in one line. */
function upLine(drawing: Drawing): string[] {
  const up = drawing.state.shared.filter(isUp);
  if (up.length === 0) return [];
  const each = up.map(({ name, ready, sinceMs }) =>
    upSince(name, ready?.port ?? null, sinceMs + (ready?.readyAfterMs ?? 0), drawing),
  );
  return [`  ${drawing.paint.good('●')} ${drawing.paint.dim(each.join(' · '))}`];
}

/** `12 of 57 done, 1 failed`, `412 tests passed, 3 failed`; nothing where all can be seen above. */
function tallyOf({ all, ended, failed, tests }: Overview): string[] {
  if (all <= FEW) return [];
  const broken = (count: number): string => (count > 0 ? `, ${count} failed` : '');
  return [
    `${ended} of ${all} done${broken(failed)}`,
    ...(tests === undefined ? [] : [`${plural(tests.passed, 'test')} passed${broken(tests.failed)}`]),
  ];
}

/** What is still to come, as far as there is room to name it. */
function toCome({ state, overview, room }: Drawing): string | undefined {
  if (state.interrupted !== null) return undefined;
  const { waiting } = overview;
  if (waiting.length === 0) return trialsToCome(state);
  const tally = tallyOf(overview)
    .map((part) => `${part} · `)
    .join('');
  return `${tally}then ${namesWithin(waiting, room.columns - widthOf(tally) - 2 * 'then '.length)}`;
}

/** `a, b and 12 more`: as many names as fit, but at least one. */
function namesWithin(names: readonly string[], columns: number): string {
  const rest = ` and ${names.length} more`.length;
  let count = 0;
  let used = 0;
  for (const [at, name] of names.entries()) {
    used += widthOf(name) + ', '.length;
    const isLast = at === names.length - 1;
    if (count > 0 && used + (isLast ? 0 : rest) > columns) break;
    count += 1;
  }
  const left = names.length - count;
  return `${names.slice(0, count).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}
