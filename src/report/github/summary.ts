/** The summary of a job: a run in Markdown, the worst first. */
import { showDiagnostic } from '../../core/diagnostic.ts';
import { type Finding, meanwhileLines } from '../../core/finding.ts';
import { visibleAll } from '../../core/harmless.ts';
import type { LoadSummary } from '../../core/load.ts';
import type { Place } from '../../core/place.ts';
import { failedTests, showCounts, testTitle } from '../../core/test-results.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { loadLine } from '../../load/report/brief.ts';
import { formatCount, formatRate, showTime } from '../../load/report/index.ts';
import { harmLines, mendLines } from '../advice.ts';
import { evidenceLines } from '../evidence.ts';
import type { Problem } from '../problems.ts';
import { labelOf, proofOf, trialsOf } from '../proof.ts';
import { shardLines } from '../shards.ts';
import { type ComponentState, componentVerdict, type RunState } from '../state.ts';
import { causesOf, headlineOf, moreText } from '../summary.ts';
import { worst } from '../worst.ts';
import { Bounded, code, codeBlock, folded, link, row, tableHead } from './markdown.ts';

const MARKS = { passed: '✅', failed: '❌', inconclusive: '⚠️', skipped: '⚪' } as const satisfies Record<
  Verdict,
  string
>;

/** Lines of evidence. */
const EVIDENCE = 40;

export interface SummaryOptions {
  /** At most so many bytes. */
  readonly most: number;
  /** What is wrong, with its places. */
  readonly problems: readonly Problem[];
  /** Where a place can be read. */
  readonly urlOf: (place: Place) => string | undefined;
}

function headline(state: RunState): string {
  if (state.diagnostics.length > 0) return `## ${MARKS.failed} NOT RUN because of a mistake\n\n`;
  if (state.finished === null) return `## ${MARKS.inconclusive} CUT SHORT: the run did not finish\n\n`;
  const { verdict, durationMs } = state.finished;
  const { headline: word, text } = headlineOf(state, verdict);
  const used = state.used.map(
    ({ name, url }) => `with ${code(name)} at ${code(url)}, which this run did not start\n\n`,
  );
  const shards = shardLines(state).map((line) => `${code(line)}\n\n`);
  return `## ${MARKS[verdict]} ${word} ${text} in ${formatDuration(durationMs)}\n\n${shards.join('')}${used.join('')}`;
}

const mistakes = ({ diagnostics }: RunState): string[] =>
  diagnostics.map((diagnostic) => `${codeBlock(showDiagnostic(diagnostic).split('\n'))}\n`);

function shown(finding: Finding): string {
  const all = [
    ...harmLines(finding),
    ...meanwhileLines(finding),
    ...evidenceLines(finding),
    ...mendLines(finding),
  ];
  const left = all.length - EVIDENCE;
  const lines = left > 0 ? [...all.slice(0, EVIDENCE), `… and ${plural(left, 'more line')}`] : all;
  return [
    ...(lines.length === 0 ? [] : [`\n${codeBlock(lines)}`]),
    ...(finding.hint === undefined ? [] : [`\n→ ${code(finding.hint)}\n`]),
  ].join('');
}

function causes(state: RunState, { problems, urlOf }: SummaryOptions): string[] {
  if (state.finished?.verdict === 'passed') return [];
  return causesOf(state).map(({ name, more, verdict, cause }) => {
    const place = problems.find(
      ({ code: of, message }) => of === cause.code && message === cause.message,
    )?.place;
    const url = place && urlOf(place);
    const at = place === undefined ? '' : `${place.file}:${place.line}`;
    const where = at === '' ? '' : ` at ${url === undefined ? code(at) : link(url, at)}`;
    return `**${MARKS[verdict]} ${code(name)}${moreText(more)}:** ${code(cause.message)}${where}\n${shown(cause)}\n`;
  });
}

function details(component: ComponentState): string {
  const { progress, services, load, tests, attempts, flaky } = component;
  const ready = services.map(
    ({ name, port, readyAfterMs }) =>
      `${code(name)} ready after ${formatDuration(readyAfterMs)}${port === null ? '' : ` on port ${port}`}`,
  );
  return [
    ...(progress.type === 'skipped' ? [code(progress.reason)] : []),
    ...(flaky ? [`flaky: passed on attempt ${attempts}`] : []),
    ...ready,
    ...(tests === null ? [] : [showCounts(tests)]),
    ...(load === null ? [] : [code(loadLine(load))]),
  ].join('; ');
}

function components(state: RunState): string[] {
  const own = state.components.filter(({ trial }) => trial === null);
  if (own.length === 0) return [];
  const rows = own
    .toSorted((a, b) => worst(b) - worst(a))
    .map((component) => {
      const verdict = componentVerdict(component);
      const { progress } = component;
      const took = progress.type === 'finished' ? formatDuration(progress.durationMs) : '';
      const { name, kind } = component;
      return row([`${MARKS[verdict]} ${verdict}`, code(name), code(kind ?? ''), took, details(component)]);
    });
  return [tableHead(['', 'component', 'kind', 'time', ''], 'lllrl'), ...rows, '\n'];
}

/** Of what failed before or after the components. */
function steps({ setup, shared, teardown }: RunState): string[] {
  const failed = [
    ...setup.filter(({ outcome }) => outcome === 'failed').map((step) => ({ ...step, kind: 'setup' })),
    ...shared.filter(({ progress }) => progress === 'failed'),
    ...teardown.filter(({ outcome }) => outcome === 'failed'),
  ].map(({ name, kind, durationMs }) =>
    row([`${MARKS.failed} failed`, code(name), kind, formatDuration(durationMs)]),
  );
  return failed.length === 0 ? [] : [tableHead(['', 'step', '', 'time'], 'lllr'), ...failed, '\n'];
}

function loadRow(name: string, { counts, rate, latencyUs: { response } }: LoadSummary): string {
  const time = (of: 'p50' | 'p90' | 'p99' | 'max'): string =>
    response === null ? '' : showTime(response, of);
  const errors = counts.failed + counts.timedOut + counts.neverSent;
  const numbers = [formatCount(counts.scheduled), formatRate(rate.achieved)];
  return row([
    code(name),
    ...numbers,
    ...(['p50', 'p90', 'p99', 'max'] as const).map(time),
    formatCount(errors),
  ]);
}

function loads(state: RunState): string[] {
  const rows = state.components.flatMap((component) =>
    component.load === null ? [] : [loadRow(labelOf(component), component.load)],
  );
  if (rows.length === 0) return [];
  const titles = ['load', 'due', 'rate', 'p50', 'p90', 'p99', 'max', 'errors'];
  return [tableHead(titles, 'lrrrrrrr'), ...rows, '\n'];
}

/** Single tests that failed, by component. */
const tests = (state: RunState): string[] =>
  state.components.flatMap((component) => {
    const failed = failedTests(component.tests?.cases ?? []);
    // Those that fail in the trial of a fault are meant to.
    if (component.tests === null || component.trial !== null || failed.length === 0) return [];
    const head = `**${code(labelOf(component))}: ${showCounts(component.tests)}**\n\n`;
    return [
      head,
      ...failed.map((test) =>
        folded(
          `${code(testTitle(test))} ${code(test.message ?? '')}`,
          test.output.length === 0 ? '' : codeBlock(test.output.slice(0, EVIDENCE)),
        ),
      ),
      '\n',
    ];
  });

function flaky(state: RunState): string[] {
  return state.components
    .filter((component) => component.flaky)
    .map((component) =>
      folded(
        `⚠️ ${code(labelOf(component))} passed on attempt ${component.attempts}; what failed before`,
        component.earlier.map((finding) => `${code(finding.message)}\n${shown(finding)}\n`).join(''),
      ),
    );
}

/** What of a proof is not as it should be; the headline has the counts. */
function proof(state: RunState): string[] {
  const proved = proofOf(state);
  if (proved === undefined) return [];
  const rows = trialsOf(state).flatMap(({ trial }) => {
    const judgement = trial?.judgement ?? null;
    if (trial === null || judgement === null || judgement.outcome === 'proved') return [];
    const { fault, subject, of } = trial;
    return [row([judgement.outcome, code(of), code(subject ?? ''), code(fault), code(judgement.message)])];
  });
  const head = `**${proved.badge}**\n\n`;
  return rows.length === 0
    ? [head]
    : [head, tableHead(['', 'component', 'of', 'fault', ''], 'lllll'), ...rows, '\n'];
}

/**
 * @param raw the state of a run that has ended, or has been refused
 * @returns Markdown
 */
export function summaryOf(raw: RunState, options: SummaryOptions): string {
  const state = visibleAll(raw);
  const document = new Bounded(options.most, '**This summary is cut here: GitHub shows no longer ones.**');
  const about = `shakedown ${state.version}${state.suite === '' ? '' : `: ${state.suite}`}`;
  const pieces = [
    [headline(state)],
    mistakes(state),
    causes(state, { ...options, problems: visibleAll(options.problems) }),
    components(state),
    steps(state),
    tests(state),
    loads(state),
    proof(state),
    flaky(state),
    [`\n${code(about)}\n`],
  ].flat();
  for (const piece of pieces) document.add(piece);
  return document.text;
}
