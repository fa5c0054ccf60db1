/** How long the run, its components and their loads took in the latest runs: the last one is this run. */
import type { PastComponent } from '../../core/history.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { formatRate, formatTime } from '../../load/report/index.ts';
import { type ComponentState, componentVerdict, type RunState } from '../state.ts';
import { html, type Markup } from './markup.ts';
import type { DrawSection } from './section.ts';

/** Of the rest there is nothing to see that these do not show: they took less time. */
const MOST_COMPONENTS = 40;
/** Of a drawing, in its own units. */
const HEIGHT = 24;
const STEP = 8;

/** A figure of one run. */
interface Point {
  readonly value: number;
  readonly verdict: Verdict;
}

type Points = readonly (Point | null)[];

/** A bar for each run, of the highest as long as there is room; none where it did not run. */
function bars(points: Points, what: string, show: (value: number) => string): Markup {
  const most = Math.max(...points.map((point) => point?.value ?? 0), Number.MIN_VALUE);
  const told = points.map((point) =>
    point === null
      ? 'none'
      : `${show(point.value)}${point.verdict === 'passed' ? '' : ` (${point.verdict})`}`,
  );
  return html`<svg class="past" role="img" aria-label="${what}, oldest first: ${told.join(', ')}" viewBox="0 0 ${points.length * STEP} ${HEIGHT}" width="${points.length * STEP}" height="${HEIGHT}">${points.map(
    (point, at) => {
      if (point === null) return undefined;
      const height = Math.max(1, Math.round((point.value / most) * HEIGHT));
      return html`<rect class="${point.verdict}" x="${at * STEP}" y="${HEIGHT - height}" width="${STEP - 2}" height="${height}"/>`;
    },
  )}</svg>`;
}

/** This run, as later ones will see it; null if it came to no end. */
function presentOf(component: ComponentState): PastComponent | null {
  const { progress, load, flaky } = component;
  if (progress.type !== 'finished') return null;
  const verdict = componentVerdict(component);
  if (verdict === 'skipped') return null;
  return {
    ...{ verdict, flaky, durationMs: progress.durationMs },
    rate: load?.rate.achieved ?? null,
    p99Us: load?.latencyUs.response?.p99 ?? null,
    errors: load === null ? null : load.counts.failed + load.counts.timedOut,
  };
}

/** Drawings of the figures that are known of the latest run, each with what it is now. */
function figure(
  all: readonly (PastComponent | null)[],
  what: string,
  of: (one: PastComponent) => number | null,
  show: (value: number) => string,
): Markup | string {
  const points = all.map((one): Point | null => {
    const value = one === null ? null : of(one);
    return one === null || value === null ? null : { value, verdict: one.verdict };
  });
  const now = points.at(-1);
  if (points.every((point) => point === null)) return '';
  return html`${bars(points, what, show)} <span class="now">${now == null ? '–' : show(now.value)}</span>`;
}

function componentRow({ name }: ComponentState, all: readonly (PastComponent | null)[]): Markup {
  const bad = all.filter((one) => one?.verdict === 'failed').length;
  const runs = all.filter((one) => one !== null).length;
  return html`<tr><th scope="row">${name}</th><td>${bad === 0 ? `never in ${runs}` : `${bad} of ${runs}`}</td>
<td>${figure(all, `How long ${name} took`, ({ durationMs }) => durationMs, formatDuration)}</td>
<td>${figure(all, `Rate of ${name}`, ({ rate }) => rate, formatRate)}</td>
<td>${figure(all, `p99 of ${name}`, ({ p99Us }) => p99Us, formatTime)}</td></tr>\n`;
}

/** Those that ran before, the longest first. */
function pastComponents(state: RunState): [ComponentState, (PastComponent | null)[]][] {
  const past = state.history?.components ?? {};
  return state.components
    .flatMap((component): [ComponentState, (PastComponent | null)[]][] => {
      const before = Object.hasOwn(past, component.name) ? (past[component.name] ?? []) : [];
      return component.trial === null && before.some((one) => one !== null)
        ? [[component, [...before, presentOf(component)]]]
        : [];
    })
    .toSorted(([, a], [, b]) => (b.at(-1)?.durationMs ?? 0) - (a.at(-1)?.durationMs ?? 0));
}

export const drawHistory: DrawSection = ({ state }) => {
  const { history, finished } = state;
  if (history === null || history.runs.length === 0) return undefined;
  const runs: Points = [
    ...history.runs.map(({ durationMs, verdict }) => ({ value: durationMs, verdict })),
    finished === null ? null : { value: finished.durationMs, verdict: finished.verdict },
  ];
  const components = pastComponents(state);
  const shown = components.slice(0, MOST_COMPONENTS);
  return {
    id: 'history',
    title: 'Over time',
    body: html`<p class="meaning">${plural(history.runs.length, 'earlier run')}, oldest first, and this one last${finished === null && ', which did not finish'}. A run that failed is red.</p>
<p class="past-runs">The whole run: ${bars(runs, 'How long the run took', formatDuration)} <span class="now">${finished === null ? '–' : formatDuration(finished.durationMs)}</span></p>
${
  components.length > 0 &&
  html`<div class="wide figures" tabindex="0" role="group" aria-label="Components over time"><table class="history">
<thead><tr><th scope="col">Component</th><th scope="col">Failed</th><th scope="col">Took</th><th scope="col">Rate</th><th scope="col">p99</th></tr></thead>
<tbody>${shown.map(([component, all]) => componentRow(component, all))}</tbody></table></div>`
}
${shown.length < components.length && html`<p class="meaning">The ${shown.length} that took longest, of ${components.length}.</p>`}`,
  };
};
