/** Judges a process by its output: unexpected crash reports, and what `expect` demands. */
import type { Finding } from '../../core/finding.ts';
import { headline } from '../../core/headline.ts';
import { type Pattern, SLOW_PATTERN_HINT, showPattern } from '../../core/pattern.ts';
import type { Expectation } from '../../core/suite.ts';
import { tellErrors, tornTracebacks } from '../../core/traceback.ts';
import { plural } from '../../core/units.ts';
import { CRASH_REPORTS } from './crash-reports.ts';
import type { OutputScanner } from './scanner.ts';
import { type Sighting, type Watch, watchFor } from './watch.ts';

const requiredName = (pattern: Pattern): string => `required ${showPattern(pattern)}`;
const forbiddenName = (pattern: Pattern): string => `forbidden ${showPattern(pattern)}`;

/** What to watch a process's output for. */
export function outputWatches(expect: Expectation): Watch[] {
  return [
    ...CRASH_REPORTS,
    ...expect.forbid.map((pattern) => watchFor(forbiddenName(pattern), pattern)),
    ...expect.output.map((pattern) => watchFor(requiredName(pattern), pattern)),
  ];
}

/** A step that ended as it should, or a service that was still there when it was stopped. */
interface EndedStep {
  readonly name: string;
  /** What it is called in messages. Default: its name. */
  readonly title?: string;
  /** Null for a service that was still there. */
  readonly exitCode: number | null;
  /** How many connections we ended in the middle of its answer: it may complain about those. */
  readonly cut?: number;
}

/** What programs say about a connection that the other side has closed. */
const OF_A_CONNECTION =
  /broken ?pipe|connection ?(?:was )?(?:reset|aborted|closed|lost)|EPIPE|ECONNRESET|disconnect/i;
/** One such connection may give two reports: one can be the cause of the other. */
const REPORTS_A_CUT = 2;

/** A sighting of crash reports, without those about connections that we ended ourselves. */
function withoutOurs(sighting: Sighting | undefined, cut: number): Sighting | undefined {
  // If not all reports were kept, nobody knows what the others were about.
  if (sighting === undefined || cut === 0 || sighting.count > sighting.excerpts.length) return sighting;
  let left = cut * REPORTS_A_CUT;
  const excerpts = sighting.excerpts.filter(
    ({ text }) => !(OF_A_CONNECTION.test(text.join('\n')) && left-- > 0),
  );
  return { ...sighting, count: excerpts.length, excerpts };
}

/** The findings in the output of a process that ended as it should. */
export function judgeOutput(scanner: OutputScanner, expect: Expectation, ended: EndedStep): Finding[] {
  const { name: step, title = step } = ended;
  const seen = new Map(scanner.sightings().map((sighting) => [sighting.name, sighting]));
  const findings: Finding[] = [];
  const forbid = (name: string, sighting: Sighting | undefined): void => {
    if (sighting !== undefined && sighting.count > 0) findings.push(forbiddenOutput(name, sighting, ended));
  };
  for (const { name } of CRASH_REPORTS) forbid(name, withoutOurs(seen.get(name), ended.cut ?? 0));
  for (const pattern of expect.forbid) forbid(showPattern(pattern), seen.get(forbiddenName(pattern)));
  const slow = new Set(scanner.givenUp());
  findings.push(...[...slow].map((pattern) => slowPattern(pattern, step, title)));
  for (const pattern of expect.output) {
    if (slow.has(showPattern(pattern))) continue;
    if ((seen.get(requiredName(pattern))?.count ?? 0) > 0) continue;
    findings.push({
      code: 'missing-output',
      step,
      message: `${title} did not print ${showPattern(pattern)}`,
      evidence: scanner.tail(6),
      pattern: showPattern(pattern),
    });
  }
  return findings;
}

/** A pattern that was given up: whether it matches the rest of the output is unknown. */
const slowPattern = (pattern: string, step: string, title: string): Finding => ({
  code: 'slow-pattern',
  step,
  message: `${pattern} took too long on the output of ${title} and was given up`,
  hint: SLOW_PATTERN_HINT,
  pattern,
});

/** What the first report says; if threads have written tracebacks into each other, what each of them says. */
function tellingOf({ excerpts }: Sighting): string | undefined {
  const torn = excerpts.map(({ text }) => tornTracebacks(text));
  if (torn.every((errors) => errors.length === 0)) return headline(excerpts[0]?.text ?? []);
  const each = excerpts.flatMap(({ text }, index) =>
    torn[index]?.length === 0 ? (headline(text) ?? []) : (torn[index] ?? []),
  );
  return tellErrors([...new Set(each)]);
}

const ALLOW = 'if this output is fine, allow it: expect: { allow: [...] }';

function forbiddenOutput(
  name: string,
  sighting: Sighting,
  { name: step, title = step, exitCode }: EndedStep,
): Finding {
  const first = sighting.excerpts[0];
  const telling = tellingOf(sighting);
  const hasNotFailed = exitCode === null || exitCode === 0;
  const many =
    sighting.count === 1
      ? `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`
      : `${plural(sighting.count, name)}`;
  return {
    code: 'forbidden-output',
    step,
    message: `${title} printed ${many}${hasNotFailed ? ', although it did not fail' : ` and exited with code ${exitCode}`}${telling === undefined ? '' : `: ${telling}`}`,
    evidence: [
      ...(first?.text ?? []),
      ...(sighting.count > 1 ? [`… and ${(sighting.count - 1).toLocaleString('en-US')} more like it`] : []),
    ],
    ...(hasNotFailed
      ? {
          hint: `${exitCode === 0 ? 'exit code 0 is not enough' : 'it fails even if it keeps running'}; ${ALLOW}`,
        }
      : {}),
    pattern: name,
    count: sighting.count,
    matches: sighting.excerpts,
  };
}
