/** JUnit XML, in the form that CI systems agree on: testsuites, testsuite, testcase, failure, error, skipped. */
import { type Diagnostic, showDiagnostic } from '../core/diagnostic.ts';
import type { Finding } from '../core/finding.ts';
import { meanwhileLines } from '../core/finding.ts';
import { visibleAll } from '../core/harmless.ts';
import { showCounts, type TestCase, type TestResults, testPlace } from '../core/test-results.ts';
import type { Verdict } from '../core/verdict.ts';
import { consequenceOf, verdictOf } from '../kinds/index.ts';
import { measureText } from '../load/report/index.ts';
import { createPaint } from '../text/paint.ts';
import { harmLines, mendLines } from './advice.ts';
import { labelOf } from './proof.ts';
import { shardLines } from './shards.ts';
import { snapshotLines } from './snapshot.ts';
import {
  aroundDuration,
  componentDuration,
  isUnderWay,
  NOT_BEGUN,
  NOT_FINISHED,
  runDuration,
  showHint,
  WAS_RUNNING,
} from './so-far.ts';
import { type ComponentState, componentVerdict, type RunState } from './state.ts';

/** XML 1.0 allows all visible characters but these two, which it forbids even as references. */
const NOT_XML = /[\ufffe\uffff]/g;

/** In a workflow, GitHub obeys lines that begin like this. */
const COMMAND = /^([^\S\r\n\u2028\u2029]*):(?=:)/gm;

function escapeXml(text: string): string {
  return text
    .replace(NOT_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(COMMAND, '$1&#58;');
}

/** In an attribute, a plain tab would be read as a space. */
const attribute = (text: string): string => escapeXml(text).replaceAll('\t', '&#9;');

const seconds = (durationMs: number): string => (durationMs / 1000).toFixed(3);

function explain(findings: readonly Finding[]): string {
  return findings
    .flatMap((finding) => [
      `${finding.code}: ${finding.message}`,
      ...harmLines(finding).map((line) => `  ${line}`),
      ...meanwhileLines(finding).map((line) => `  ${line}`),
      ...(finding.evidence ?? []).map((line) => `  ${line}`),
      ...('running' in finding ? snapshotLines(finding) : []).map((line) => `  ${line}`),
      ...mendLines(finding).map((line) => `  ${line}`),
      ...(finding.hint === undefined ? [] : [`  ${finding.hint}`]),
    ])
    .join('\n');
}

interface Case {
  readonly name: string;
  readonly durationMs: number;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly message: string;
  readonly findings: readonly Finding[];
  /** Those of attempts before a pass. */
  readonly flaky?: readonly Finding[];
  /** The measurements, as lines. */
  readonly measured: readonly string[];
  /** The text of the case, if it is not that of the findings. */
  readonly text?: string;
  /** Its class, if that is not the suite. */
  readonly suite?: string;
}

/** Of a component: how it ended, or that it did not. */
function messageOf({ progress, findings }: ComponentState, run: RunState): string {
  if (progress.type === 'skipped') return progress.reason;
  if (progress.type === 'waiting' && run.finished === null) return NOT_BEGUN;
  if (progress.type === 'running' && run.finished === null) return WAS_RUNNING;
  const worst = findings.find((finding) => consequenceOf(finding) !== 'note') ?? findings[0];
  return worst?.message ?? (progress.type === 'finished' ? progress.verdict : 'had not ended');
}

function componentCase(state: ComponentState, run: RunState): Case {
  const verdict = componentVerdict(state);
  const outcome = { passed: 'passed', failed: 'failure', inconclusive: 'error', skipped: 'skipped' }[
    verdict
  ] as Case['outcome'];
  return {
    name: labelOf(state),
    durationMs: componentDuration(state, run),
    outcome,
    message: messageOf(state, run),
    findings: state.flaky ? [...state.findings, ...state.earlier] : state.findings,
    flaky: state.flaky ? state.earlier : [],
    measured: state.load === null ? [] : measureText(state.load, state.findings, createPaint(false)),
  };
}

/** A step, service or task around the components. */
function aroundCase(
  name: string,
  step: RunState['setup'][number] | RunState['shared'][number] | RunState['teardown'][number],
  progress: string,
  run: RunState,
): Case {
  const { findings } = step;
  const isCut = run.finished === null && isUnderWay(progress);
  return {
    name,
    durationMs: aroundDuration(step, progress, run),
    outcome: progress === 'failed' ? outcomeOf(findings) : isCut ? 'error' : 'passed',
    message: isCut ? WAS_RUNNING : (findings[0]?.message ?? ''),
    findings,
    measured: [],
  };
}

interface Suite {
  readonly name: string;
  readonly durationMs: number;
  readonly cases: readonly Case[];
  /** What its cases do not say. */
  readonly told: readonly string[];
}

/** Findings that say of a component what the failed ones of its tests say themselves. */
const OF_TESTS = new Set<Finding['code']>(['exit-code', 'failed-tests']);

/** Whether the tests of a component say everything that a case of its own would say: nothing is to be counted twice. */
function speakForThemselves(
  { findings, flaky }: ComponentState,
  verdict: Verdict,
  { cases, left }: TestResults,
): boolean {
  if (flaky) return false;
  if (verdict === 'passed') return left === 0 && cases.length > 0;
  if (verdict !== 'failed' || !cases.some(({ outcome }) => outcome === 'failed')) return false;
  return findings.every((finding) => OF_TESTS.has(finding.code) || consequenceOf(finding) === 'note');
}

/** A test of a component; one that may fail without failing its component must not fail the run for others either. */
function singleTest(component: string, mayFail: boolean, test: TestCase): Case {
  const { name, suite, outcome, message, output } = test;
  const why = message ?? '';
  const isTolerated = outcome === 'failed' && mayFail;
  const place = testPlace(test);
  const lines = [...(place === undefined ? [] : [place]), ...output];
  return {
    name,
    suite: suite === '' ? component : suite,
    durationMs: test.durationMs ?? 0,
    outcome: outcome === 'failed' ? (isTolerated ? 'skipped' : 'failure') : outcome,
    message: isTolerated ? `it failed, which fails nothing here: ${why}` : why,
    findings: [],
    measured: outcome === 'passed' ? output : [],
    text: lines.join('\n'),
  };
}

/** Those that fail in the trial of a fault are meant to. */
const testsOf = ({ tests, trial }: ComponentState): TestResults | null => (trial === null ? tests : null);

/** A component whose tests are known is a suite of its own. */
function suiteOf(state: ComponentState, tests: TestResults, run: RunState): Suite {
  const verdict = componentVerdict(state);
  const own = componentCase(state, run);
  const single = tests.cases.map((test) => singleTest(state.name, verdict !== 'failed', test));
  const left = tests.left === 0 ? '' : `, ${tests.left} of which are not listed`;
  const told = [`tests: ${showCounts(tests)}${left}`];
  const hasOwn = !speakForThemselves(state, verdict, tests);
  return {
    name: own.name,
    durationMs: own.durationMs,
    cases: hasOwn ? [own, ...single] : single,
    told: hasOwn || own.findings.length === 0 ? told : [...told, explain(own.findings)],
  };
}

/** As Surefire writes it; who does not know it finds the same in the output of the case. */
const flakyElement = (finding: Finding): string => {
  const name = verdictOf([finding]) === 'inconclusive' ? 'flakyError' : 'flakyFailure';
  const text = escapeXml(explain([finding]));
  return `\n      <${name} message="${attribute(finding.message)}" type="${escapeXml(finding.code)}">${text}</${name}>`;
};

function testcase(
  suite: string,
  { name, suite: own = suite, durationMs, outcome, message, findings, flaky = [], measured, text }: Case,
): string {
  const open = `    <testcase classname="${attribute(own)}" name="${attribute(name)}" time="${seconds(durationMs)}"`;
  // A failure contains its findings anyway.
  const told = [...(outcome === 'passed' && findings.length > 0 ? [explain(findings)] : []), ...measured];
  const output = told.length === 0 ? '' : `\n      <system-out>${escapeXml(told.join('\n'))}</system-out>`;
  if (outcome === 'passed') {
    const body = `${flaky.map(flakyElement).join('')}${output}`;
    return body === '' ? `${open}/>` : `${open}>${body}\n    </testcase>`;
  }
  if (outcome === 'skipped')
    return `${open}>\n      <skipped message="${attribute(message)}"/>\n    </testcase>`;
  return `${open}>\n      <${outcome} message="${attribute(message)}" type="${escapeXml(findings[0]?.code ?? outcome)}">${escapeXml(text ?? explain(findings))}</${outcome}>${output}\n    </testcase>`;
}

/** What must be known of the run to believe its cases: services of the suite that it has not started itself, and its shards. */
function properties(state: RunState): string[] {
  const told = [
    ...state.used.map(({ name, url }) => [`used.${name}`, url] as const),
    ...shardLines(state).map((line) => ['shard', line] as const),
  ];
  if (told.length === 0) return [];
  const lines = told.map(
    ([name, value]) => `      <property name="${attribute(name)}" value="${attribute(value)}"/>`,
  );
  return ['    <properties>', ...lines, '    </properties>'];
}

/** Stands in the report of a run during which Shakedown was killed. */
const cutCase = (state: RunState): Case => ({
  name: 'run',
  durationMs: 0,
  outcome: 'error',
  message: NOT_FINISHED,
  findings: [],
  measured: [],
  text: showHint(state) ?? '',
});

/** A mistake by the user, because of which nothing was run. */
const mistakeCase = (diagnostic: Diagnostic): Case => ({
  name: 'shakedown',
  durationMs: 0,
  outcome: 'error',
  message: diagnostic.message,
  findings: [],
  measured: [],
  text: showDiagnostic(diagnostic),
});

/** The outcome of a case that has not passed. */
const outcomeOf = (findings: readonly Finding[]): 'failure' | 'error' =>
  verdictOf(findings) === 'inconclusive' ? 'error' : 'failure';

const count = (cases: readonly Case[], outcome: Case['outcome']): number =>
  cases.filter((each) => each.outcome === outcome).length;

/** The numbers of some cases, as attributes that all of the suites may have as well as one. */
const totalsOf = (cases: readonly Case[], durationMs: number): string =>
  `tests="${cases.length}" failures="${count(cases, 'failure')}" errors="${count(cases, 'error')}" time="${seconds(durationMs)}"`;

/** Strict readers, such as Jenkins's xUnit plugin, know `skipped` of one suite alone. */
const suiteTotals = (cases: readonly Case[], durationMs: number): string =>
  `${totalsOf(cases, durationMs)} skipped="${count(cases, 'skipped')}"`;

const suiteLines = ({ name, durationMs, cases, told }: Suite, startedAt: string): string[] => [
  `  <testsuite name="${attribute(name)}" timestamp="${attribute(startedAt)}" ${suiteTotals(cases, durationMs)}>`,
  ...cases.map((each) => testcase(name, each)),
  `    <system-out>${escapeXml(told.join('\n'))}</system-out>`,
  '  </testsuite>',
];

/**
 * A run is one test suite, each component a test case; failed setup steps and notes that report trouble are cases too. A
 * component whose single tests are known is a suite of its own instead.
 */
export function junitReport(raw: RunState): string {
  const state = visibleAll(raw);
  const suite = state.diagnostics.length > 0 ? 'shakedown' : state.suite;
  const setup = state.setup.map((step) => aroundCase(`setup: ${step.name}`, step, step.outcome, state));
  const shared = state.shared.map((each) =>
    aroundCase(`${each.kind}: ${each.name}`, each, each.progress, state),
  );
  const teardown = state.teardown.map((step) =>
    aroundCase(`${step.kind}: ${step.name}`, step, step.outcome, state),
  );
  const notes = state.notes
    .filter((finding) => consequenceOf(finding) !== 'note')
    .map(
      (finding): Case => ({
        name: finding.code,
        durationMs: 0,
        outcome: outcomeOf([finding]),
        message: finding.message,
        findings: [finding],
        measured: [],
      }),
    );
  const cases = [
    ...setup,
    ...shared,
    ...state.components.filter((each) => testsOf(each) === null).map((each) => componentCase(each, state)),
    ...teardown,
    ...notes,
    ...state.diagnostics.map(mistakeCase),
    ...(state.finished ? [] : [cutCase(state)]),
  ];
  const suites = state.components.flatMap((each) => {
    const tests = testsOf(each);
    return tests === null ? [] : suiteOf(each, tests, state);
  });
  const durationMs = runDuration(state);
  const all = totalsOf([...cases, ...suites.flatMap((each) => each.cases)], durationMs);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="shakedown" ${all}>`,
    `  <testsuite name="${attribute(suite)}" timestamp="${attribute(state.startedAt)}" ${suiteTotals(cases, durationMs)}>`,
    ...properties(state),
    ...cases.map((each) => testcase(suite, each)),
    '  </testsuite>',
    ...suites.flatMap((each) => suiteLines(each, state.startedAt)),
    '</testsuites>',
    '',
  ].join('\n');
}
