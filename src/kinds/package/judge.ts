/** What the trial of a package comes to in a list, by its JSON report. That is read and not believed. Pure. */
import type { Consequence, Finding } from '../../core/finding.ts';
import { type Harm, harmRank } from '../../core/harm.ts';
import { shorten } from '../../core/shorten.ts';
import { plural } from '../../core/units.ts';
import { EXIT_CODES, EXIT_USAGE, type Verdict } from '../../core/verdict.ts';
import { describeExit, type Exit } from '../../process/system/exit.ts';
import type { ComponentContext } from '../common/context.ts';

type Judge = Pick<ComponentContext, 'component' | 'verdictOf'>;

/** A list may have a thousand packages: of each, so much is kept. */
const MOST_FINDINGS = 12;
const MOST_LINES = 8;
const LONGEST = 400;

const NOTHING_TO_TRY = 'has nothing to try: no entry point for Node, and no program';

type Plain = Readonly<Record<string, unknown>>;

const plainIn = (value: unknown): Plain =>
  typeof value === 'object' && value !== null ? (value as Plain) : {};
const listIn = (value: unknown): readonly Plain[] => (Array.isArray(value) ? value.map(plainIn) : []);
const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? shorten(value, LONGEST) : undefined;

const CONSEQUENCES: readonly unknown[] = ['failed', 'inconclusive', 'note'] satisfies Consequence[];
const HURT: readonly unknown[] = ['everyone', 'some', 'nobody'] satisfies Harm['who'][];

/** What a finding of the trial does to its verdict; of one that is not known, nothing. */
function worthOf({ code, consequence }: Plain, { verdictOf }: Judge): Consequence {
  const own = CONSEQUENCES.includes(consequence) ? { consequence } : {};
  try {
    const verdict = verdictOf([{ code, message: '', ...own } as Finding]);
    return verdict === 'failed' || verdict === 'inconclusive' ? verdict : 'note';
  } catch {
    return 'note';
  }
}

function hurtsIn(value: unknown): Harm | undefined {
  const { who, text } = plainIn(value);
  const shown = textIn(text);
  return HURT.includes(who) && shown !== undefined ? { who: who as Harm['who'], text: shown } : undefined;
}

/** Something in the trial that has an outcome: a component, a setup step, or the trial itself. */
interface Part {
  readonly name: string | null;
  readonly verdict: unknown;
  readonly findings: readonly Plain[];
}

function partsOf(report: Plain): Part[] {
  const setup = listIn(report.setup).map(({ name, findings, outcome }) => ({
    ...{ name: textIn(name) ?? 'setup', findings: listIn(findings) },
    // What it comes to, the findings say.
    verdict: outcome === 'failed' ? 'unknown' : 'passed',
  }));
  const components = listIn(report.components).map(({ name, findings, verdict }) => ({
    ...{ name: textIn(name) ?? 'component', findings: listIn(findings), verdict },
  }));
  return [...setup, ...components, { name: null, verdict: 'passed', findings: listIn(report.notes) }];
}

const CODES = { failed: 'package-failed', inconclusive: 'package-unclear' } as const;

function findingOf(part: string | null, own: Plain, worth: 'failed' | 'inconclusive'): Finding {
  const lines = Array.isArray(own.evidence) ? own.evidence.slice(0, MOST_LINES) : [];
  const evidence = lines.flatMap((line) => (typeof line === 'string' ? shorten(line, LONGEST) : []));
  const hint = textIn(own.hint);
  const hurts = hurtsIn(own.hurts);
  const message = textIn(own.message) ?? `it was found ${worth}`;
  return {
    ...{ code: CODES[worth], part, cause: textIn(own.code) ?? '' },
    message: part === null ? message : `${part}: ${message}`,
    ...(evidence.length === 0 ? {} : { evidence }),
    ...(hint === undefined ? {} : { hint }),
    ...(hurts === undefined ? {} : { hurts }),
  };
}

/** Those of a part that decide, and at least one if it has not passed. */
function findingsOf({ name, verdict, findings }: Part, judge: Judge): Finding[] {
  const found = findings.flatMap((own) => {
    const worth = worthOf(own, judge);
    return worth === 'note' ? [] : [findingOf(name, own, worth)];
  });
  const isTold = found.some(({ code }) => verdict !== 'failed' || code === 'package-failed');
  if (isTold || verdict === 'passed' || verdict === 'skipped') return found;
  const worth = verdict === 'failed' ? 'failed' : 'inconclusive';
  return [...found, findingOf(name, { message: `its outcome is ${worth}, and nothing says why` }, worth)];
}

/** What is to be fixed before there is anything to try. */
function refused(report: Plain): Finding {
  const [mistake = {}] = listIn(report.diagnostics);
  const hint = textIn(mistake.hint);
  return {
    code: 'package-untried',
    message: textIn(mistake.message) ?? 'it was refused, and nothing says why',
    ...(hint === undefined ? {} : { hint }),
  };
}

const VERDICTS: readonly unknown[] = ['passed', 'failed', 'inconclusive', 'skipped'] satisfies Verdict[];

/**
 * @param report as read; undefined if there is none
 * @returns its findings, the worst first; it has passed only if the report, its exit code and that of the process say so
 */
export function judgeTrial(report: unknown, exit: Exit, judge: Judge): Finding[] {
  const read = plainIn(report);
  const isWhole = VERDICTS.includes(read.verdict) && read.exitCode === exit.code && exit.code !== null;
  if (exit.code === EXIT_USAGE && isWhole) return [refused(read)];
  if (exit.code === EXIT_CODES.skipped)
    return [{ code: 'package-untried', message: `${judge.component} ${NOTHING_TO_TRY}` }];
  const parts = partsOf(read);
  const found = parts.flatMap((part) => findingsOf(part, judge));
  const isUnclear = exit.code !== EXIT_CODES.passed || read.verdict !== 'passed' || !isWhole;
  if (!isWhole || (isUnclear && found.length === 0))
    found.push({
      code: 'package-untried',
      message: `its trial ${describeExit(exit)} before it had an outcome`,
      hint: 'its log has what it printed',
    });
  const rank = ({ code, hurts }: Finding): number => (code === CODES.failed ? 0 : 10) + harmRank(hurts);
  const worstFirst = found.toSorted((one, other) => rank(one) - rank(other));
  const shown = worstFirst.slice(0, MOST_FINDINGS);
  const name = textIn(read.suite);
  const tried = listIn(read.components).filter(({ verdict }) => verdict !== 'skipped').length;
  return name === undefined ? shown : [...shown, triedFinding(name, tried, found.length - shown.length)];
}

function triedFinding(name: string, parts: number, leftOut: number): Finding {
  const more = leftOut === 0 ? '' : `; ${plural(leftOut, 'finding')} left out here`;
  return {
    ...{ code: 'package-tried', package: name, parts, leftOut },
    message: `${name}, ${plural(parts, 'thing')} tried${more}`,
  };
}
