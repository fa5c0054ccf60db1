/** What is wrong in a run, each with its place in the source: what a platform shows beside the code. */
import { meanwhileLines } from '../core/finding.ts';
import { type Place, placeOf, placeOfTest } from '../core/place.ts';
import { failedTests, type TestCase, testTitle } from '../core/test-results.ts';
import { consequenceOf } from '../kinds/index.ts';
import { harmLines, mendLines } from './advice.ts';
import { evidenceLines } from './evidence.ts';
import { foldersOf } from './folders.ts';
import { type Found, findingsOf } from './found.ts';
import { labelOf } from './proof.ts';
import { NOT_FINISHED, showHint } from './so-far.ts';
import { type ComponentState, componentVerdict, type RunState } from './state.ts';
import { flakyOf, flakyText } from './summary.ts';
import { decisive } from './worst.ts';

/** Finds files, for those who are to open them. */
export interface Locator {
  /**
   * @param place as a program printed it
   * @param folders what its file may be relative to: absolute paths
   * @returns the place relative to the folder of the sources; undefined if it is no file in there
   */
  readonly find: (place: Place, folders: readonly string[]) => Place | undefined;
  /** Where a component is written down; of null, where the suite is. Undefined if that is not among the sources. */
  readonly origin: (component: string | null, source: RunState['source']) => Place | undefined;
}

export interface Problem {
  /** Whether it has failed something; else nothing is certain. */
  readonly level: 'error' | 'warning';
  /** The component or step. */
  readonly of: string;
  /** The code of the finding, `test`, `flaky`, `config` or `cut-short`. */
  readonly code: string;
  /** Tells it from others of the same code; the same in each run. */
  readonly subject: string;
  readonly message: string;
  readonly detail: readonly string[];
  readonly hint: string | undefined;
  /** Relative to the folder of the sources. */
  readonly place: Place | undefined;
}

/**
 * Places are looked for where a component is run, and where the suite is.
 *
 * @param named finds the most telling of the places that are named which will do
 */
function placeFor(
  named: (accepts: (place: Place) => boolean) => unknown,
  component: string | null,
  state: RunState,
  locator: Locator,
): Place | undefined {
  const where = foldersOf(component, state);
  let found: Place | undefined;
  named((place) => {
    found = locator.find(place, where);
    return found !== undefined;
  });
  return found ?? locator.origin(component, state.source);
}

function ofFinding({ of, component, finding }: Found, state: RunState, locator: Locator): Problem {
  return {
    level: consequenceOf(finding) === 'failed' ? 'error' : 'warning',
    ...{ of, code: finding.code, subject: finding.step ?? '', message: finding.message, hint: finding.hint },
    detail: [
      ...harmLines(finding),
      ...meanwhileLines(finding),
      ...evidenceLines(finding),
      ...mendLines(finding),
    ],
    place: placeFor((accepts) => placeOf(finding, accepts), component, state, locator),
  };
}

function ofTest(test: TestCase, component: ComponentState, state: RunState, locator: Locator): Problem {
  const { name } = component;
  const message = `${testTitle(test)} failed${test.message === null ? '' : `: ${test.message}`}`;
  return {
    // One that may fail has failed nothing.
    level: componentVerdict(component) === 'failed' ? 'error' : 'warning',
    ...{ of: labelOf(component), code: 'test', subject: testTitle(test), message },
    ...{ detail: test.output, hint: undefined },
    place: placeFor((accepts) => placeOfTest(test, accepts), name, state, locator),
  };
}

function ofFlaky(component: ComponentState, state: RunState, locator: Locator): Problem {
  const cause = decisive(component.earlier);
  const name = component.trial?.of ?? component.name;
  return {
    ...{ level: 'warning', of: labelOf(component), code: 'flaky', subject: '', hint: undefined },
    message: flakyText(component),
    detail: cause === undefined ? [] : evidenceLines(cause),
    place: placeFor((accepts) => cause && placeOf(cause, accepts), name, state, locator),
  };
}

/** Of several with the same message and place, as of faults that could not be tried, the first. */
function withoutTwins(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ code, message, place }) => {
    const key = JSON.stringify([code, message, place?.file, place?.line]);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** Whether a component has it from a service or task, with which it is told. */
const isTold = ({ component, finding }: Found, { shared }: RunState): boolean =>
  component !== null &&
  shared.some(({ findings }) =>
    findings.some(({ code, message }) => code === finding.code && message === finding.message),
  );

/** Of a run during which Shakedown was killed. */
const cutShort = (state: RunState, locator: Locator): Problem => ({
  ...{ level: 'error', of: 'run', code: 'cut-short', subject: '', hint: showHint(state), detail: [] },
  message: NOT_FINISHED,
  place: locator.origin(null, state.source),
});

/**
 * @param state of a run, which has ended unless Shakedown is killed before that
 * @returns errors before warnings; of the errors first what decided the verdict of each component or step, then single tests
 */
export function problemsOf(state: RunState, locator: Locator): Problem[] {
  const mistakes = state.diagnostics.map(
    ({ message, hint, location }): Problem => ({
      ...{ level: 'error', of: 'shakedown', code: 'config', subject: message, message, hint, detail: [] },
      place: (location && locator.find(location, [state.root])) ?? locator.origin(null, state.source),
    }),
  );
  const found = findingsOf(state).filter(
    (each) => consequenceOf(each.finding) !== 'note' && !isTold(each, state),
  );
  const first = new Map(found.toReversed().map((each) => [each.of, each]));
  const findings = found.map((each) => ofFinding(each, state, locator));
  const isFirst = (_: Problem, at: number): boolean => first.get(found[at]?.of ?? '') === found[at];
  // Those that fail in the trial of a fault are meant to.
  const asTheyAre = state.components.filter(({ trial }) => trial === null);
  const tests = asTheyAre.flatMap((component) =>
    failedTests(component.tests?.cases ?? []).map((test) => ofTest(test, component, state, locator)),
  );
  const all = [
    ...mistakes,
    ...(state.finished === null ? [cutShort(state, locator)] : []),
    ...findings.filter(isFirst),
    ...tests,
    ...findings.filter((problem, at) => !isFirst(problem, at)),
    ...flakyOf(state).map((component) => ofFlaky(component, state, locator)),
  ];
  return withoutTwins([
    ...all.filter(({ level }) => level === 'error'),
    ...all.filter(({ level }) => level === 'warning'),
  ]);
}
