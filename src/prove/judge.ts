/** Judges a trial: turns its findings into an outcome, and that into a finding. Pure. */
import { nameFew } from '../core/few.ts';
import type { Finding } from '../core/finding.ts';
import { type Judgement, type Reach, showFault, showReach } from '../core/proof.ts';
import type { Proving } from '../core/suite.ts';
import { consequenceOf } from '../kinds/index.ts';
import type { Fault, TrialRecord, Unreachable } from '../kinds/sabotage.ts';

/** Findings that fail any component, whatever it checks: Shakedown noticed something, the check did not. */
const NOTICED_BY_SHAKEDOWN = new Set<Finding['code']>([
  'forbidden-output',
  'lost-error',
  'zero-work',
  'service-died',
  'leaked-process',
  'not-ready',
  'timeout',
]);

const isNoticedByShakedown = ({ code }: Finding): boolean => NOTICED_BY_SHAKEDOWN.has(code);

/** The reason that `ignore` gives for a fault; undefined if it gives none. */
export const excuseOf = (fault: Pick<Fault, 'fault' | 'subject'>, { ignore }: Proving): string | undefined =>
  ignore[showFault(fault)] ?? ignore[fault.fault];

/** Whether a component must notice a fault. */
export const isDemanded = (
  fault: Pick<Fault, 'fault' | 'subject' | 'isDemanded'>,
  { demand }: Proving,
): boolean => fault.isDemanded || demand.includes(fault.fault) || demand.includes(showFault(fault));

/**
 * @returns what a trial shows about its fault; undefined if nothing, since it was cut short or the machine failed
 */
export function judge(fault: Fault, record: TrialRecord, proving: Proving): Judgement | undefined {
  // Its reach already says that a fault never happened.
  const findings = record.findings.filter(({ code }) => code !== 'fault-unused');
  const failures = findings.filter((finding) => consequenceOf(finding) === 'failed');
  if (failures.some(({ code }) => code === 'internal-error')) return undefined;
  const undecided = findings.some((finding) => consequenceOf(finding) === 'inconclusive');
  if (failures.length === 0 && undecided) return undefined;
  const reach = fault.reach(record);
  const [first] = failures;
  if (reach.changed === 0) return notReached(reach, first);
  if (first === undefined) return unnoticed(fault, reach, excuseOf(fault, proving));
  const noticed = failures.find((finding) => fault.isNoticed(finding));
  if (noticed === undefined)
    return { outcome: 'wrong-reason', noticer: null, reach, message: `${fault.deed}, but: ${first.message}` };
  const noticer = isNoticedByShakedown(noticed) ? 'shakedown' : 'check';
  return { outcome: 'proved', noticer, reach, message: noticed.message };
}

function notReached(reach: Reach, failure: Finding | undefined): Judgement {
  if (reach.unseen !== undefined)
    return { outcome: 'not-reached', noticer: null, reach, message: reach.unseen.reason };
  if (failure !== undefined)
    return {
      outcome: 'wrong-reason',
      noticer: null,
      reach,
      message: `it failed although the fault never happened: ${failure.message}`,
    };
  const message = reach.impossible ?? `the fault never happened: no ${reach.unit} was changed`;
  return { outcome: 'not-reached', noticer: null, reach, message };
}

/** How many of the places in which a fault happened are named. */
const MOST_PLACES = 3;

function unnoticed(fault: Fault, reach: Reach, excuse: string | undefined): Judgement {
  const where = (reach.where ?? []).length === 0 ? '' : `: ${nameFew(reach.where ?? [], MOST_PLACES)}`;
  const what = `${fault.deed} (${showReach(reach)}${where}), and ${fault.checker} passed`;
  if (excuse === undefined) return { outcome: 'blind', noticer: null, reach, message: what };
  return { outcome: 'ignored', noticer: null, reach, message: `${what}; ignored: ${excuse}` };
}

/** A fault that never needed a trial. */
export const judgeUnreachable = ({ reason }: Unreachable): Judgement => ({
  outcome: 'not-reached',
  noticer: null,
  reach: null,
  message: reason,
});

/**
 * What a judgement means for the component.
 *
 * @param hint what to do about it
 */
export function findingsOf(
  name: Pick<Fault, 'fault' | 'subject'>,
  { outcome, message, reach }: Judgement,
  hint: string,
  { isDemanded, excuse }: { readonly isDemanded: boolean; readonly excuse: string | undefined },
): Finding[] {
  const { fault, subject } = name;
  const about = { message, fault, subject };
  switch (outcome) {
    case 'proved':
      return excuse === undefined
        ? []
        : [
            {
              ...about,
              code: 'needless-ignore',
              message: `${showFault(name)} is noticed, and need not be ignored: ${message}`,
              hint: `remove "${fault}" from prove.ignore`,
            },
          ];
    case 'ignored':
      return [{ ...about, code: 'ignored-fault' }];
    case 'not-reached':
      // Nothing that anybody writes makes it possible.
      if (reach?.impossible !== undefined) return [{ ...about, code: 'unproved' }];
      return [
        {
          ...about,
          code: isDemanded && excuse === undefined ? outcome : 'unproved',
          hint: reach?.unseen?.advice ?? hint,
        },
      ];
    case 'blind':
    case 'wrong-reason':
      return [{ ...about, code: isDemanded && excuse === undefined ? outcome : 'unproved', hint }];
  }
}
