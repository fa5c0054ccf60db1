/** What ran around the components: setup, services and tasks of the suite, undos and teardown. */
import type { Finding } from '../../core/finding.ts';
import type { Verdict } from '../../core/verdict.ts';
import { verdictOf } from '../../kinds/index.ts';
import type { SetupState } from '../setup-state.ts';
import type { SharedState } from '../shared-state.ts';
import type { TeardownState } from '../teardown-state.ts';
import { servicesMarkup } from './components.ts';
import { findingIds, findingLinks } from './findings.ts';
import { logsOf } from './log/logs.ts';
import { html, type Markup } from './markup.ts';
import { part } from './part.ts';
import type { DrawSection } from './section.ts';

const failed = (findings: readonly Finding[]): Verdict =>
  verdictOf(findings) === 'inconclusive' ? 'inconclusive' : 'failed';

const SHARED_WORDS = {
  starting: 'was not ready',
  ready: 'had not ended',
  ended: '',
  done: '',
  cached: 'unchanged, not run again',
  failed: '',
} as const satisfies Record<SharedState['progress'], string>;

const OUTCOMES = {
  running: 'had not ended',
  done: '',
  cached: 'unchanged, not run again',
  failed: '',
} as const satisfies Record<SetupState['outcome'] | TeardownState['outcome'], string>;

const verdictFor = (outcome: string, findings: readonly Finding[]): Verdict =>
  outcome === 'failed'
    ? failed(findings)
    : ['running', 'starting', 'ready'].includes(outcome)
      ? 'skipped'
      : 'passed';

export const drawAround: DrawSection = (record) => {
  const { state, exact } = record;
  const logOf = logsOf(record);
  const ids = findingIds(state);
  const foundIn = (findings: readonly Finding[]): Markup | false => findingLinks(findings, ids);
  const common = { flags: [] };
  const setup = state.setup.map(({ name, outcome, findings, durationMs }, index) =>
    part({
      ...{ ...common, id: `setup-${index + 1}`, verdict: verdictFor(outcome, findings), name, kind: 'setup' },
      ...{ text: OUTCOMES[outcome], durationMs: outcome === 'running' ? null : durationMs },
      body: [foundIn(findings), logOf(exact.state.setup[index]?.logFile ?? null)],
    }),
  );
  const shared = state.shared.map(({ name, kind, progress, findings, durationMs, ready }, index) =>
    part({
      ...{ ...common, id: `shared-${index + 1}`, verdict: verdictFor(progress, findings), name, kind },
      ...{ text: SHARED_WORDS[progress], durationMs: durationMs === 0 ? null : durationMs },
      body: [
        foundIn(findings),
        servicesMarkup(ready === null ? [] : [ready]),
        logOf(exact.state.shared[index]?.logFile ?? null),
      ],
    }),
  );
  const teardown = state.teardown.map(({ name, kind, outcome, findings, durationMs, command }, index) =>
    part({
      ...{ ...common, id: `teardown-${index + 1}`, verdict: verdictFor(outcome, findings), name, kind },
      ...{ text: OUTCOMES[outcome], durationMs: outcome === 'running' ? null : durationMs },
      body: [
        foundIn(findings),
        html`<p><code>${command}</code></p>`,
        logOf(exact.state.teardown[index]?.logFile ?? null),
      ],
    }),
  );
  const all = [...setup, ...shared, ...teardown];
  if (all.length === 0) return undefined;
  return { id: 'around', title: 'Setup and services', body: html`<ol class="parts">${all}</ol>` };
};
