/** Faults that were asked for, held against those that there are: a slip in a name must not look like a proof. */
import { nameFew } from '../core/few.ts';
import type { Finding } from '../core/finding.ts';
import { type FaultName, showFault } from '../core/proof.ts';
import { suggest } from '../core/suggest.ts';
import type { Component } from '../core/suite.ts';

/** A component that has been looked at, and all faults that it could have, tried or not. */
export interface Derived {
  readonly component: Component;
  readonly faults: readonly FaultName[];
}

const wordOf = (fault: string): string => fault.split(' ').at(-1) ?? fault;

const isThere = (wanted: string, faults: readonly FaultName[]): boolean =>
  faults.some((fault) => fault.fault === wanted || showFault(fault) === wanted);

const subjectOf = (fault: string): string => fault.split(' ').slice(0, -1).join(' ');

function missing(where: string, wanted: string, faults: readonly FaultName[]): Finding {
  const alike = faults.filter(({ fault }) => fault === wordOf(wanted)).map(showFault);
  const near = suggest(wanted, faults.map(showFault));
  const meant = near === undefined ? '' : `did you mean "${near}"? `;
  const hint =
    alike.length === 0
      ? `${meant}nothing that was tried can have it: leave it out, or see why with \`shakedown prove\` without \`--fault\``
      : `${meant}there is ${nameFew([...new Set(alike)], 5)}`;
  return {
    code: 'nothing-to-sabotage',
    message: `${where} asks for the fault "${wanted}", and there is none: it was not tried`,
    hint,
  };
}

/** One of the command line, which is wrong if nothing has its subject. */
function missingArgument(wanted: string, faults: readonly FaultName[]): Finding {
  const subject = subjectOf(wanted);
  const isKnown = subject === '' || faults.some((fault) => fault.subject === subject);
  const found = missing('--fault', wanted, faults);
  return isKnown ? found : { ...found, code: 'unknown-fault' };
}

/**
 * @param faults of the command line
 * @returns what was asked for in vain: on the command line, in a `demand`, or with its subject in an `ignore`
 */
export function wantedInVain(faults: readonly string[], derived: readonly Derived[]): Finding[] {
  const all = derived.flatMap((each) => each.faults);
  const ofComponents = derived.flatMap(({ component: { name, prove }, faults: own }) => {
    const ignored = Object.keys(prove.ignore).filter((fault) => fault !== wordOf(fault));
    return [
      ...prove.demand.map((fault) => [`prove.demand of ${name}`, fault] as const),
      ...ignored.map((fault) => [`prove.ignore of ${name}`, fault] as const),
    ]
      .filter(([, fault]) => !isThere(fault, own))
      .map(([where, fault]) => missing(where, fault, own));
  });
  return [
    ...faults.filter((fault) => !isThere(fault, all)).map((fault) => missingArgument(fault, all)),
    ...ofComponents,
  ];
}
