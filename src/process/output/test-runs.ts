/**
 * Detects test runners that ran nothing, which most of them call a success: a glob that matches no file, a filter that
 * matches no test, a folder that was moved, or tests that were all skipped. Zero work never passes. (Without `-v`,
 * `go test` and unittest do not make it certain that all tests were skipped.)
 *
 * A runner may be called several times, say for each package of a workspace, and many report parts without tests
 * (`cargo` its doc tests, `go` each package). So nothing ran only if no runner reports a test that did.
 */
import type { Finding } from '../../core/finding.ts';
import { lastingPart } from './lasting-part.ts';
import type { OutputScanner } from './scanner.ts';
import { type Account, type Count, RUNNERS } from './test-runners.ts';
import type { Sighting, Watch } from './watch.ts';

const NONE = 'no test ran';
const SKIPPED = 'all tests were skipped';
const RAN = 'tests ran';

const any = (expressions: readonly (RegExp | undefined)[]): RegExp =>
  new RegExp(expressions.flatMap((each) => (each === undefined ? [] : `(?:${each.source})`)).join('|'), 'u');

const requiredText = RUNNERS.flatMap((runner) => runner.requiredText);

const watch = (name: string, regex: RegExp): Watch => ({ name, regex, extent: 1, requiredText });
const counting = (name: string, { line, weigh }: Count): Watch => ({
  ...watch(name, line),
  ...(weigh === undefined ? {} : { weigh }),
});

interface NamedAccount extends Account {
  /** Names of its watches. */
  readonly claimed: string;
  readonly disclaimed: string;
}

const ACCOUNTS: readonly NamedAccount[] = RUNNERS.flatMap(({ name, account }) =>
  account === undefined
    ? []
    : { ...account, claimed: `claimed by ${name}`, disclaimed: `disclaimed by ${name}` },
);

/** What to look for in the output of a step. */
export const TEST_RUNS: readonly Watch[] = [
  watch(NONE, any(RUNNERS.map(({ none }) => none))),
  watch(SKIPPED, any(RUNNERS.map(({ skipped }) => skipped))),
  watch(RAN, any(RUNNERS.map(({ ran }) => ran))),
  ...ACCOUNTS.flatMap(({ claims, disclaims, claimed, disclaimed }) => [
    counting(claimed, claims),
    counting(disclaimed, disclaims),
  ]),
];

/** Lines saying that nothing ran. */
interface Said {
  readonly line: string;
  /** Texts by which these lines can be allowed, even if the times in them differ. */
  readonly allowed: readonly string[];
}

type Seen = ReadonlyMap<string, Sighting>;

const countOf = (seen: Seen, name: string): number => seen.get(name)?.count ?? 0;

function said(seen: Seen, name: string, common?: string): Said[] {
  const lines = (seen.get(name)?.excerpts ?? []).flatMap(({ text }) => text.slice(0, 1));
  const [line] = lines;
  if (line === undefined) return [];
  return [
    { line, allowed: common === undefined ? lines.map((each) => lastingPart(each, requiredText)) : [common] },
  ];
}

/** What was skipped, according to the runners whose lines have to be counted. */
const skippedByAccount = (seen: Seen): Said[] =>
  ACCOUNTS.filter(({ areSkipped, claimed }) => areSkipped && countOf(seen, claimed) > 0).flatMap(
    ({ disclaimed, common }) => said(seen, disclaimed, common),
  );

/** bats, when it does not write for people, prints its plan and then its tests: without tests, only the plan. */
const EMPTY_PLAN = '1..0';
const LOOKED_AT = 400;

function emptyPlan(scanner: OutputScanner): Said[] {
  const lines = scanner.tail(LOOKED_AT);
  if (lines.at(-1) !== EMPTY_PLAN || scanner.allows(EMPTY_PLAN)) return [];
  if (lines.some((line) => /^(?:not )?ok \d/.test(line))) return [];
  return [{ line: EMPTY_PLAN, allowed: [EMPTY_PLAN] }];
}

/** As it is written into a config. */
export const quoted = (text: string): string => (/['\\\t]/.test(text) ? JSON.stringify(text) : `'${text}'`);

/**
 * @param step its name, and what it is called in messages (default: its name)
 * @returns a finding if the step, which ended as it should, says that no test ran, and reports none that did
 */
export function withoutTests(
  scanner: OutputScanner,
  { name, title = name }: { readonly name: string; readonly title?: string },
): Finding[] {
  const seen: Seen = new Map(scanner.sightings().map((sighting) => [sighting.name, sighting]));
  const hasRun = ACCOUNTS.some(
    ({ claimed, disclaimed }) => countOf(seen, claimed) > countOf(seen, disclaimed),
  );
  if (hasRun || countOf(seen, RAN) > 0) return [];
  const skipped = [...skippedByAccount(seen), ...said(seen, SKIPPED)];
  const none = [...said(seen, NONE), ...emptyPlan(scanner)];
  const [first] = [...skipped, ...none];
  if (first === undefined) return [];
  const texts = [...new Set([...skipped, ...none].flatMap(({ allowed }) => allowed))];
  return [
    {
      code: 'zero-work',
      step: name,
      message: `${title} ran no test: ${first.line.trim()}`,
      evidence: scanner.tail(6),
      hint: `${skipped.length > 0 ? 'all its tests were skipped: find out why' : 'check which files and names its runner looks for'}; if that is intended, allow it: expect: { allow: [${texts.map(quoted).join(', ')}] }`,
    },
  ];
}
