/** The top of the page: what came of the run, and why, as the terminal says it. */
import { showDiagnostic } from '../../core/diagnostic.ts';
import { meanwhileLines } from '../../core/finding.ts';
import { formatDuration } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { shardLines } from '../shards.ts';
import { cutShort, showHint } from '../so-far.ts';
import type { RunState } from '../state.ts';
import { type Cause, causesOf, type Headline, headlineOf, moreText } from '../summary.ts';
import { html, type Markup } from './markup.ts';
import type { RunRecord } from './record.ts';

/** A headline, and the colour of it. */
export interface Tinted extends Headline {
  readonly tone: Verdict;
}

/** What came of the run; of one that has not finished, what is known so far. */
export function verdictOf({ state }: RunRecord): Tinted {
  if (state.diagnostics.length > 0)
    return { headline: 'NOT RUN', text: 'because of a mistake', tone: 'failed' };
  if (state.finished !== null) {
    const { verdict } = state.finished;
    return { ...headlineOf(state, verdict), tone: verdict };
  }
  return { headline: 'CUT SHORT', ...cutShort(state) };
}

const CUT = 'The run did not finish: Shakedown was killed, or was still running when this was written.';

function cutMarkup(state: RunState): Markup {
  const hint = showHint(state);
  return html`<p class="cut">${CUT}${hint !== undefined && html` ${hint}.`}</p>`;
}

const causeMarkup = ({ name, more, verdict, cause }: Cause): Markup => html`
<li class="${verdict}"><strong>${name}</strong>${moreText(more)}: ${cause.message}${meanwhileLines(cause).map(
  (line) => html`<br><span class="meanwhile">${line}</span>`,
)}</li>`;

function causes(state: RunState): Markup | undefined {
  const found = state.finished?.verdict === 'passed' ? [] : causesOf(state);
  return found.length === 0 ? undefined : html`<ul class="causes">${found.map(causeMarkup)}</ul>`;
}

const started = (startedAt: string): Markup =>
  html`<time datetime="${startedAt}">${startedAt.slice(0, 19).replace('T', ' ')} UTC</time>`;

function facts(state: RunState): Markup {
  const memory = state.memory === 'debug' ? 'debug allocators (PYTHONMALLOC=debug)' : undefined;
  const of = (name: string, value: Markup | string | undefined): Markup | undefined =>
    value === undefined || value === '' ? undefined : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="facts">${[
    of('Started', state.startedAt === '' ? undefined : started(state.startedAt)),
    of('Took', state.finished === null ? undefined : formatDuration(state.finished.durationMs)),
    of('Folder', state.root),
    of('Run', state.run),
    of('Ownership', state.run === '' ? undefined : state.ownership.tier),
    of('Memory', memory),
    of('Shakedown', state.version),
  ]}</dl>`;
}

/** Verdict, causes, and what must be known to believe them. */
export function drawVerdict(record: RunRecord): Markup {
  const { state } = record;
  const { headline, text, tone } = verdictOf(record);
  return html`<header class="hero ${tone}">
<p class="suite">${state.suite === '' ? 'shakedown' : state.suite}</p>
<h1><span class="word">${headline}</span> <span class="counts">${text}</span></h1>
${state.finished === null && cutMarkup(state)}
${shardLines(state).map((line) => html`<p class="used">${line}</p>`)}
${state.used.map(
  ({ name, url }) =>
    html`<p class="used">with <strong>${name}</strong> at ${url}, which this run did not start</p>`,
)}
${state.diagnostics.map((diagnostic) => html`<pre class="mistake">${showDiagnostic(diagnostic)}</pre>`)}
${causes(state)}
${facts(state)}
</header>`;
}
