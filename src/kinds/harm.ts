/** Weighs what was found in a package by whom it hurts. */
import type { Finding } from '../core/finding.ts';
import { consumersWho, EVERY_CONSUMER, type Harm, harmRank } from '../core/harm.ts';
import type { Component } from '../core/suite.ts';
import { missingPackage, mistakeIn } from './mistake.ts';

/** Of a failure for which its kind knows nothing better. */
const OF_KIND: Readonly<Record<string, (component: Component) => Harm>> = {
  bin: ({ name }) => consumersWho(`run ${name.replace(/^bin:/, '')}`),
  threads: () => consumersWho('use it in worker threads'),
  types: () => consumersWho('use TypeScript'),
};

/** Failures of ours, or of the machine, which are nobody's mistake. */
const NOT_OF_PACKAGE = new Set<Finding['code']>(['internal-error', 'interrupted', 'machine-trouble']);

/** What a component says that has done nothing: it is no verdict of its own. */
const NOTHING_DONE = new Set<Finding['code']>(['not-compared', 'no-examples']);

/** What hurts nobody yet fails nothing, unless the trial is strict: then it fails, whatever its code does elsewhere. */
function judged(finding: Finding, hurts: Harm | undefined, isStrict: boolean): Finding {
  if (hurts === undefined) return finding;
  if (hurts.who !== 'nobody') return { ...finding, hurts };
  return { ...finding, hurts, consequence: isStrict ? 'failed' : 'note' };
}

/** It says that it can be used without that package, and not for what: whether it is meant to be loaded so is not known. */
const withoutOptional = (finding: Finding): Finding => ({
  ...finding,
  hint: `${missingPackage(finding)} is optional, and was not installed: --peers highest installs it as well`,
  consequence: 'inconclusive',
});

/**
 * How far a trial gets within a limit that nobody has set for it is a matter of the machine: for what hangs, its kind has a limit of its
 * own. A program, though, is run for nothing but to see it end.
 */
const isOutOfTime = ({ code }: Finding, { kind }: Component): boolean => code === 'timeout' && kind !== 'bin';

const outOfTime = (finding: Finding): Finding => ({
  ...finding,
  hint: 'the machine may be too slow, or too busy, for this package: --timeout gives it more time',
  consequence: 'inconclusive',
});

/** What else is known of them. */
interface Known {
  /** By the kind of the component. */
  readonly harmOf: ((finding: Finding, component: Component) => Harm | undefined) | undefined;
  readonly failing: (finding: Finding) => boolean;
}

/** @returns each with whom it hurts, the worst first */
export function weigh(findings: readonly Finding[], component: Component, known: Known): Finding[] {
  const { isStrict = false, isOnlyComparison = false, optional = [] } = component.ofPackage ?? {};
  const harmIn = (finding: Finding): Harm | undefined => {
    const own = known.harmOf?.(finding, component);
    if (own !== undefined || NOT_OF_PACKAGE.has(finding.code) || !known.failing(finding)) return own;
    return OF_KIND[component.kind]?.(component) ?? EVERY_CONSUMER;
  };
  return findings
    .map((finding): Finding => {
      if (isOnlyComparison && NOTHING_DONE.has(finding.code))
        return { ...finding, consequence: 'inconclusive' };
      const mistake = mistakeIn(finding);
      const own: Finding = mistake === undefined ? finding : { ...finding, mistake };
      if (isOutOfTime(own, component)) return outOfTime(own);
      if (optional.includes(missingPackage(own) ?? '') && known.failing(own)) return withoutOptional(own);
      return judged(own, harmIn(own), isStrict);
    })
    .sort((a, b) => harmRank(a.hurts) - harmRank(b.hurts));
}
