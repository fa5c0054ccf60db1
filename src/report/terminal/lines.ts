/** The lines that each event adds to the output: they stay on the screen, and are everything where there is no terminal. */

import type { RunEvent, Stamped, UsedService } from '../../core/event.ts';
import { type Finding, meanwhileLines } from '../../core/finding.ts';
import { showCounts } from '../../core/test-results.ts';
import { formatDuration, plural } from '../../core/units.ts';
import { consequenceOf } from '../../kinds/index.ts';
import { loadLine } from '../../load/report/brief.ts';
import type { Paint } from '../../text/paint.ts';
import { detailsOf, isMeasurement } from '../details.ts';
import { besidePackages, nameWithin, type PackagePart, packagesOf } from '../packages.ts';
import { remarkIn } from '../past.ts';
import { labelOf } from '../proof.ts';
import { shardLines } from '../shards.ts';
import { treeLines } from '../snapshot.ts';
import { cutShort, NOT_FINISHED } from '../so-far.ts';
import type { ComponentState, RunState } from '../state.ts';
import { type Cause, causesOf, countsOf, flakyOf, flakyText, headlineOf, moreText } from '../summary.ts';
import { badness, decisive } from '../worst.ts';
import { color, findingBlock, GUTTER, type LineOptions, MARKS, nameWidth, shortPath, time } from './parts.ts';
import { setupLines } from './setup-lines.ts';
import { sharedLines } from './shared-lines.ts';
import { interruptedText, teardownLines } from './teardown-lines.ts';
import { skippedTrial, trialLines } from './trial-lines.ts';

/** Whether it has been reported with a service or task of the suite, from which the component has it. */
const isTold = (finding: Finding, { shared }: RunState): boolean =>
  shared.some(({ findings }) =>
    findings.some(({ code, message }) => code === finding.code && message === finding.message),
  );

function finishedLines(component: ComponentState, state: RunState, options: LineOptions): string[] {
  const { paint, cwd } = options;
  if (component.progress.type !== 'finished') return [];
  const { verdict, durationMs } = component.progress;
  const tint = color(paint, verdict);
  const cause = decisive(component.findings);
  const flaky = component.flaky ? `${paint.warn('FLAKY')} passed on attempt ${component.attempts}` : '';
  const more = detailsOf(component);
  const past = remarkIn(state, component);
  const text =
    cause === undefined
      ? [flaky, past === undefined ? '' : paint.warn(past), more === '' ? '' : paint.dim(more)]
          .filter((part) => part !== '')
          .join('  ')
      : cause.message;
  const name = component.name.padEnd(nameWidth(state));
  const lines = [
    `  ${tint(MARKS[verdict])} ${verdict === 'failed' ? paint.bold(name) : name} ${paint.dim(time(durationMs))}  ${text}`.trimEnd(),
  ];
  const told = component.findings.filter((finding) => !isMeasurement(finding, component));
  const worstFirst = told.toSorted((a, b) => badness(b) - badness(a));
  // The one that is called the cause comes first among those that are equally bad.
  const shown =
    cause === undefined ? worstFirst : [cause, ...worstFirst.filter((finding) => finding !== cause)];
  for (const finding of shown)
    if (finding !== cause || !isTold(finding, state))
      lines.push(...findingBlock(finding, finding === cause, options));
  // If all went well it is shown beside the name.
  if (cause !== undefined && component.load !== null)
    lines.push(`${GUTTER}${paint.dim(`load: ${loadLine(component.load)}`)}`);
  if (cause !== undefined && component.tests !== null)
    lines.push(`${GUTTER}${paint.dim(`tests: ${showCounts(component.tests)}`)}`);
  if (component.flaky)
    for (const finding of component.earlier.filter(
      ({ message }) => cause?.message.includes(message) !== true,
    ))
      lines.push(`${GUTTER}${paint.warn('earlier attempt:')} ${finding.message}`);
  if (cause !== undefined && past !== undefined) lines.push(`${GUTTER}${paint.dim(past)}`);
  // One that fails for being flaky has passed in the end: what is quoted stands in the log of the attempt before.
  const logFile = component.flaky ? component.failedLogFile : component.logFile;
  if (verdict !== 'passed' && logFile !== null)
    lines.push(`${GUTTER}${paint.dim(`log: ${shortPath(logFile, cwd)}`)}`);
  return lines;
}

function skippedLine(name: string, reason: string, state: RunState, paint: Paint): string {
  return paint.dim(
    `  ${MARKS.skipped} ${name.padEnd(nameWidth(state))} ${' '.repeat(8)}  skipped: ${reason}`,
  );
}

/** The answer to a user who asks what is running. */
function runningLines({ components }: Extract<RunEvent, { type: 'running' }>, paint: Paint): string[] {
  if (components.length === 0) return [`  ${paint.warn('▸')} nothing is running right now`];
  const quoted = (lines: readonly string[]): string[] =>
    lines.map((line) => `${GUTTER}${paint.dim('│')} ${line}`);
  return components.flatMap(({ component, running, lastLines }) => [
    `  ${paint.warn('▸')} ${paint.bold(component)} is running:`,
    ...quoted(treeLines(running)),
    ...(lastLines.length === 0 ? [] : [`${GUTTER}its last lines:`, ...quoted(lastLines)]),
  ]);
}

function summaryLines(state: RunState, { paint }: LineOptions): string[] {
  if (state.finished === null) return [];
  const { verdict, durationMs } = state.finished;
  const { headline, text } = headlineOf(state, verdict);
  const lines = [
    '',
    `${color(paint, verdict)(paint.bold(headline))}  ${text} ${paint.dim(`in ${formatDuration(durationMs)}`)}`,
    ...state.used.map(({ name, url }) =>
      paint.warn(`  with ${name} at ${url}, which this run did not start`),
    ),
    ...shardLines(state).map((line) =>
      state.shard === null ? paint.dim(`  ${line}`) : paint.warn(`  ${line}`),
    ),
    ...(state.rerunOf === null ? [] : [paint.warn(`  only what had not passed by run ${state.rerunOf}`)]),
  ];
  lines.push(...causeLines(state, paint, verdict === 'passed'));
  return lines;
}

function causeOf({ name, more, verdict, cause }: Cause, paint: Paint): string[] {
  return [
    `  ${color(paint, verdict)(name)}${moreText(more)}: ${cause.message}`,
    ...meanwhileLines(cause).map((line) => `    ${line}`),
  ];
}

/** A package of several: what came of it, and why. */
function packageLines(each: PackagePart, paint: Paint): string[] {
  const { name, verdict, state } = each;
  const causes = verdict === 'passed' ? [] : causesOf(state);
  return [
    `  ${color(paint, verdict)(paint.bold(name))}  ${countsOf(state)}`,
    ...causes
      .flatMap((cause) => causeOf({ ...cause, name: nameWithin(each, cause.name) }, paint))
      .map((line) => `  ${line}`),
  ];
}

/** What decided the verdict, by packages where there are several, and who was flaky. */
function causeLines(state: RunState, paint: Paint, hasPassed: boolean): string[] {
  const packages = packagesOf(state);
  const beside = hasPassed ? [] : causesOf(besidePackages(state));
  const causes = [...beside, ...(hasPassed ? [] : packages.flatMap((each) => causesOf(each.state)))];
  const lines = [
    ...packages.flatMap((each) => packageLines(each, paint)),
    ...beside.flatMap((each) => causeOf(each, paint)),
  ];
  for (const component of flakyOf(state))
    lines.push(`  ${paint.warn(component.name)}: FLAKY, ${flakyText(component)}`);
  const codes = new Set(causes.map(({ cause }) => cause.code));
  if (codes.size > 0) lines.push(paint.dim(`  more: shakedown explain ${[...codes].join(' ')}`));
  return lines;
}

/** @returns the lines that take the place of the summary of a run that has not ended */
export function cutLines(state: RunState, { paint }: LineOptions): string[] {
  const { text, tone } = cutShort(state);
  return [
    '',
    `${color(paint, tone)(paint.bold('CUT SHORT'))}  ${text} ${paint.dim(`(last heard of after ${formatDuration(state.elapsedMs)})`)}`,
    `  ${NOT_FINISHED}, or is still running`,
    ...causeLines(state, paint, false),
  ];
}

/** What is not of this run is said before anything else. */
const usedLines = (used: readonly UsedService[], paint: Paint): string[] =>
  used.map(
    ({ name, url }) =>
      `  ${paint.warn('USE')} ${name} at ${url}: it is not started, stopped or owned, and its port is not checked`,
  );

/** That a run is only a part, or was put together from some. */
function partLines({ shard, merged }: Extract<RunEvent, { type: 'run-started' }>, paint: Paint): string[] {
  if (shard !== undefined)
    return [`  ${paint.warn('SHARD')} ${shard.number} of ${shard.of}: the others run the other components`];
  if (merged === undefined) return [];
  return [
    `  ${paint.warn('MERGED')} from ${merged.shards.length} of ${plural(merged.of, 'shard')}, each with its times from its own start`,
  ];
}

function headLines(event: Extract<RunEvent, { type: 'run-started' }>, paint: Paint): string[] {
  const memory = event.memory === 'debug' ? ' · PYTHONMALLOC=debug' : '';
  const tier = ` · ownership: ${event.ownership.tier}`;
  const again =
    event.rerunOf === undefined
      ? []
      : [`  ${paint.warn('AGAIN')} only what had not passed by run ${event.rerunOf}, with what that needs`];
  return [
    `${paint.bold('shakedown')} ${event.version} ${paint.dim(`· ${event.suite}${memory}${tier}`)}`,
    ...partLines(event, paint),
    ...usedLines(event.used ?? [], paint),
    ...again,
    '',
  ];
}

/** Of a run that goes on and on, what is run once more, and what came of it. */
function roundLines(
  event: Extract<RunEvent, { type: 'round-started' | 'round-finished' }>,
  state: RunState,
  options: LineOptions,
): string[] {
  if (event.type === 'round-started')
    return event.because === '' ? [] : ['', `${options.paint.bold('↻')} ${event.because}`, ''];
  const components = state.components.filter(({ name }) => event.components.includes(name));
  const { verdict, durationMs } = event;
  return summaryLines({ ...state, components, finished: { verdict, durationMs, exitCode: 0 } }, options);
}

/**
 * @param state the run after the event
 * @returns the lines that the event adds, without line breaks
 */
export function linesOf(event: Stamped, state: RunState, options: LineOptions): string[] {
  const { paint } = options;
  const component =
    'component' in event ? state.components.find(({ name }) => name === event.component) : undefined;
  switch (event.type) {
    case 'run-started':
      return headLines(event, paint);
    case 'setup-finished': {
      const step = state.setup.findLast(({ name }) => name === event.step);
      return step === undefined ? [] : setupLines(step, state, options);
    }
    case 'teardown-finished': {
      const step = state.teardown.findLast(({ kind, name }) => kind === event.kind && name === event.step);
      return step === undefined ? [] : teardownLines(step, state, options);
    }
    case 'shared-finished':
    case 'service-ready': {
      const name = event.type === 'shared-finished' ? event.shared : event.component.replace(/^shared:/, '');
      const isShared = event.type === 'shared-finished' || event.component !== name;
      const shared = isShared ? state.shared.findLast((each) => each.name === name) : undefined;
      return shared === undefined ? [] : sharedLines(shared, state, options);
    }
    case 'component-skipped':
      return [
        component === undefined || component.trial === null
          ? skippedLine(event.component, event.reason, state, paint)
          : skippedTrial(component.trial, event.reason, state, paint),
      ];
    case 'component-retrying': {
      // With other means: what it came to the first time is not its verdict.
      if (component !== undefined && component.trial !== null) return [];
      const cause = decisive(component?.previous ?? []);
      return [
        `  ${paint.warn('↻')} ${event.component.padEnd(nameWidth(state))} attempt ${event.attempt} of ${event.attempts} failed: ${cause?.message ?? ''}`,
      ];
    }
    case 'component-finished': {
      if (component === undefined) return [];
      if (component.trial !== null) return trialLines(component, state, options);
      return event.verdict === 'skipped'
        ? [skippedLine(component.name, 'stopped because another component failed', state, paint)]
        : finishedLines(component, state, options);
    }
    case 'component-slow':
      return [
        `  ${paint.warn('SLOW')} ${event.component} has been running for ${formatDuration(event.afterMs)}; it will be stopped after ${formatDuration(event.limitMs)}`,
      ];
    case 'running':
      return runningLines(event, paint);
    case 'service-waiting':
      return [`  ${paint.warn('WAIT')} ${event.component.replace(/^shared:/, '')}: ${event.message}`];
    case 'resumed':
      return [
        paint.dim(`  resumed after ${formatDuration(event.stoppedMs)}, which counts towards no time limit`),
      ];
    case 'interrupted':
      return [`  ${paint.warn(event.key === undefined ? event.signal : 'QUIT')} ${interruptedText(event)}`];
    case 'run-note':
      return [
        `  ${consequenceOf(event.finding) === 'failed' ? paint.bad('!') : paint.warn('!')} ${event.finding.message}`,
        ...findingBlock(event.finding, true, options),
      ];
    case 'round-started':
    case 'round-finished':
      return roundLines(event, state, options);
    case 'run-finished':
      return state.isInRounds ? [] : summaryLines(state, options);
    default:
      return [];
  }
}

/** What is still running, for a log that would otherwise be silent for long. */
export function stillRunning(state: RunState, elapsedMs: number): string | undefined {
  const running = state.components.flatMap(({ name, trial, progress }) =>
    progress.type === 'running'
      ? [
          `${labelOf({ name, trial })} ${formatDuration(elapsedMs - progress.sinceMs)}${progress.lastLine === '' ? '' : ` (${progress.lastLine})`}`,
        ]
      : [],
  );
  const setup = state.setup.flatMap(({ name, outcome, sinceMs }) =>
    outcome === 'running' ? [`setup "${name}" ${formatDuration(elapsedMs - sinceMs)}`] : [],
  );
  const starting = state.shared.flatMap(({ name, progress, sinceMs }) =>
    progress === 'starting' ? [`${name} ${formatDuration(elapsedMs - sinceMs)}`] : [],
  );
  const teardown = state.teardown.flatMap(({ name, kind, outcome, sinceMs }) =>
    outcome === 'running' ? [`${kind} "${name}" ${formatDuration(elapsedMs - sinceMs)}`] : [],
  );
  const all = [...setup, ...starting, ...running, ...teardown];
  return all.length === 0 ? undefined : `  … running: ${all.join(', ')}`;
}
