/** The single tests that a component ran. */
import { placeOfTest } from '../../core/place.ts';
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
import { sourceLink } from './source-link.ts';

const took = ({ durationMs }: TestCase): string => (durationMs === null ? '' : formatDuration(durationMs));

function placeMarkup(test: TestCase, link: Markup | undefined): Markup | false {
  const place = link ?? (testPlace(test) !== undefined && html`<code>${testPlace(test)}</code>`);
  return place !== false && html`<p class="about">${place}</p>`;
}

/** @param link to where it is, if that is known */
const failedMarkup = (test: TestCase, link: Markup | undefined): Markup => html`
<li class="failed"><strong>${testTitle(test)}</strong> <span class="took">${took(test)}</span>
${test.message !== null && html`<p>${test.message}</p>`}
${placeMarkup(test, link)}
${test.output.length > 0 && html`<pre class="evidence">${test.output.join('\n')}</pre>`}</li>`;

const MARKS = { passed: '✓', failed: '✗', skipped: '○' } as const satisfies Record<
  TestCase['outcome'],
  string
>;

/** All of them as lines: there may be thousands. */
const lineOf = (test: TestCase): string =>
  `${MARKS[test.outcome]} ${testTitle(test)}${test.outcome === 'skipped' && test.message !== null ? `: ${test.message}` : ''}  ${took(test)}`.trimEnd();

/**
 * @param exact the same to the letter
 * @param folders that paths of tests may be relative to
 */
export function testsMarkup(tests: TestResults, exact: TestResults, folders: readonly string[]): Markup {
  const { cases, left, format, from } = tests;
  const broken = failedTests(cases);
  const listed = new Set(broken);
  const exactly = new Map(cases.map((test, index) => [test, exact.cases[index] ?? test]));
  const linkOf = (test: TestCase): Markup | undefined =>
    sourceLink((accepts) => placeOfTest(exactly.get(test) ?? test, accepts), folders);
  const others = cases.filter((test) => !listed.has(test));
  const source = from === null ? `told by ${format}` : `read from ${from} (${format})`;
  return html`<div class="tests"><p><strong>${showCounts(tests)}</strong> <span class="quiet">${source}</span></p>
${broken.length > 0 && html`<ul>${broken.map((test) => failedMarkup(test, linkOf(test)))}</ul>`}
${
  others.length > 0 &&
  html`<details class="log"><summary>${plural(others.length, 'other test')}</summary>
<pre tabindex="0" role="region" aria-label="Other tests">${others.map(lineOf).join('\n')}</pre></details>`
}
${left > 0 && html`<p class="quiet">and ${plural(left, 'more test')}, which this report does not hold</p>`}</div>`;
}
