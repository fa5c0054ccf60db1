/** The single tests that a component ran. */
import {
  failedTests,
  showCounts,
  type TestCase,
  type TestResults,
  testPlace,
  testTitle,
} from '../../core/test-results.ts';
import { formatDuration, plural } from '../../core/units.ts';
import { html, type Markup } from './markup.ts';

const took = ({ durationMs }: TestCase): string => (durationMs === null ? '' : formatDuration(durationMs));

const failedMarkup = (test: TestCase): Markup => html`
<li class="failed"><strong>${testTitle(test)}</strong> <span class="took">${took(test)}</span>
${test.message !== null && html`<p>${test.message}</p>`}
${testPlace(test) !== undefined && html`<p class="about"><code>${testPlace(test)}</code></p>`}
${test.output.length > 0 && html`<pre class="evidence">${test.output.join('\n')}</pre>`}</li>`;

const MARKS = { passed: '✓', failed: '✗', skipped: '○' } as const satisfies Record<
  TestCase['outcome'],
  string
>;

/** All of them as lines: there may be thousands. */
const lineOf = (test: TestCase): string =>
  `${MARKS[test.outcome]} ${testTitle(test)}${test.outcome === 'skipped' && test.message !== null ? `: ${test.message}` : ''}  ${took(test)}`.trimEnd();

export function testsMarkup(tests: TestResults): Markup {
  const { cases, left, format, from } = tests;
  const broken = failedTests(cases);
  const listed = new Set(broken);
  const others = cases.filter((test) => !listed.has(test));
  const source = from === null ? `told by ${format}` : `read from ${from} (${format})`;
  return html`<div class="tests"><p><strong>${showCounts(tests)}</strong> <span class="quiet">${source}</span></p>
${broken.length > 0 && html`<ul>${broken.map(failedMarkup)}</ul>`}
${
  others.length > 0 &&
  html`<details class="log"><summary>${plural(others.length, 'other test')}</summary>
<pre tabindex="0" role="region" aria-label="Other tests">${others.map(lineOf).join('\n')}</pre></details>`
}
${left > 0 && html`<p class="quiet">and ${plural(left, 'more test')}, which this report does not hold</p>`}</div>`;
}
