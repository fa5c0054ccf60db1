/** Each component: what it consisted of, how long that took, what came of it, and what it printed. */
import { formatDuration, plural } from '../../core/units.ts';
import { detailsOf } from '../details.ts';
import { foldersOf } from '../folders.ts';
import { labelOf } from '../proof.ts';
import type { ServiceState } from '../service-state.ts';
import { NOT_BEGUN } from '../so-far.ts';
import { type ComponentState, componentVerdict, type StepState } from '../state.ts';
import type { Attempt } from './attempts.ts';
import { componentId, findingBody, findingIds, findingLinks } from './findings.ts';
import { logsOf } from './log/logs.ts';
import { html, type Markup } from './markup.ts';
import { flag, part } from './part.ts';
import type { DrawSection } from './section.ts';
import { testsMarkup } from './tests.ts';

const ended = ({ exitCode, signal }: StepState): string =>
  signal !== null ? signal : exitCode === null ? 'did not start' : exitCode === 0 ? '0' : `${exitCode}`;

/** The command of a component that has nothing else to say: it stands in its line. */
function onlyCommand(component: ComponentState): Markup | undefined {
  const [step, ...others] = component.steps;
  if (step === undefined || others.length > 0 || step.exitCode !== 0 || saying(component) !== '')
    return undefined;
  return html`<code>${step.command}</code>`;
}

/** Most components have one step, and most steps end well. */
const onlyStep = (step: StepState): Markup =>
  html`<p class="step"><code>${step.command}</code> <span class="quiet">${step.exitCode === null ? '' : 'exit code '}${ended(step)} after ${formatDuration(step.durationMs)}</span></p>`;

const stepsTable = (steps: readonly StepState[]): Markup =>
  html`<div class="wide"><table><thead><tr><th>step</th><th>command</th><th>exit code</th><th>took</th></tr></thead><tbody>${steps.map(
    (step) =>
      html`<tr><td>${step.name}</td><td><code>${step.command}</code></td><td>${ended(step)}</td><td class="number">${formatDuration(step.durationMs)}</td></tr>`,
  )}</tbody></table></div>`;

function stepsMarkup(steps: readonly StepState[]): Markup | false {
  const [first, ...others] = steps;
  if (first === undefined) return false;
  return others.length === 0 ? onlyStep(first) : stepsTable(steps);
}

export const servicesMarkup = (services: readonly ServiceState[]): Markup | false =>
  services.length > 0 &&
  html`<div class="wide"><table><thead><tr><th>service</th><th>ready after</th><th>port</th><th>pid</th></tr></thead><tbody>${services.map(
    ({ name, readyAfterMs, port, pid, faults }) =>
      html`<tr><td>${name}${faults !== undefined && html`<br>behind faults: ${faults.join(', ')}`}</td><td class="number">${formatDuration(readyAfterMs)}</td><td class="number">${port}</td><td class="number">${pid}</td></tr>`,
  )}</tbody></table></div>`;

/** An attempt before the last one, which failed. */
const earlierMarkup = ({ attempt, findings }: Attempt, log: Markup | undefined): Markup => html`
<div class="attempt"><h3>Attempt ${attempt} failed</h3>
${findings.map((finding) => html`<p><code>${finding.code}</code> ${finding.message}</p>${findingBody(finding)}`)}
${log}</div>`;

/** What stands in the line of a component, besides its name. */
function saying(component: ComponentState): string {
  const { progress } = component;
  if (progress.type === 'skipped') return progress.reason;
  if (progress.type === 'waiting') return NOT_BEGUN;
  if (progress.type === 'running') return 'had not ended';
  return detailsOf(component);
}

const flags = (component: ComponentState): Markup[] => [
  ...(component.flaky ? [flag('flaky', `passed on attempt ${component.attempts}`)] : []),
  ...(component.slow ? [flag('slow', 'it was reported as slow while it ran')] : []),
];

export const drawComponents: DrawSection = (record) => {
  const { state, attempts, exact } = record;
  if (state.components.length === 0) return undefined;
  const logOf = logsOf(record);
  const ids = findingIds(state);
  const draw = (component: ComponentState, index: number): Markup => {
    const { progress, findings, steps, services, tests } = component;
    const exactly = exact.state.components[index];
    const logs = (exact.attempts[exactly?.name ?? ''] ?? []).map(({ logFile }) => logOf(logFile));
    const earlier = (attempts[component.name] ?? []).slice(0, -1);
    const command = onlyCommand(component);
    return part({
      id: componentId(index),
      verdict: componentVerdict(component),
      name: labelOf(component),
      // A command says itself that it is one.
      kind: command !== undefined && component.kind === 'command' ? null : component.kind,
      flags: flags(component),
      text: command ?? saying(component),
      durationMs: progress.type === 'finished' ? progress.durationMs : null,
      body: [
        earlier.map((attempt, at) => earlierMarkup(attempt, logs[at])),
        findingLinks(findings, ids),
        command === undefined && stepsMarkup(steps),
        servicesMarkup(services),
        tests !== null &&
          testsMarkup(
            tests,
            exactly?.tests ?? tests,
            foldersOf(exactly?.trial?.of ?? exactly?.name ?? null, exact.state),
          ),
        logs.at(-1),
      ],
    });
  };
  return {
    id: 'components',
    title: plural(state.components.length, 'component'),
    body: html`<ol class="parts">${state.components.map(draw)}</ol>`,
  };
};
