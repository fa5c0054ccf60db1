/** Why faults in a module cannot be tried, or were not seen to happen, and what to do about it. */
import { troubleOf } from '../core/failure.ts';
import type { HookedFunction, HookedRuntime, ModuleFaultReport, Unhookable } from '../core/module-fault.ts';
import type { Unseen } from '../core/proof.ts';
import type { Command } from '../core/suite.ts';
import { plural } from '../core/units.ts';
import { type LeftOut, saysLeftOut, whyLeftOut } from './common/left-out.ts';
import { HOOKS, wereOrdered, whyNotHookable, whyUnwritten } from './common/module-fault.ts';
import type { Ground, TrialRecord, Unreachable } from './sabotage.ts';

/** What the hooks were to see. */
export interface Watched {
  readonly runtime: HookedRuntime;
  /** The modules, as users name them; empty: it is not known what the component tries. */
  readonly names: string;
  /** The component, as messages name it. */
  readonly checker: string;
  /** What it runs; null: programs of ours. */
  readonly command: Command | null;
  /** Absolute path of the folder in which it runs. */
  readonly cwd: string;
  /** The module of the project whose name is nearly the one that `prove` names. */
  readonly near?: string | undefined;
}

const RUNTIMES: Readonly<Record<HookedRuntime, string>> = { python: 'Python', node: 'Node' };

const NAME_IT = "name the module that it tries, prove: { module: '…' }, or have it import that one";

const END_BY_THEMSELVES = 'have its processes end by themselves, as the user who started them';

/** How many uncalled functions are named one by one. */
const MOST_NAMED = 20;

/** @param folder for the records */
function unwritten(folder: string): LeftOut | undefined {
  const error = whyUnwritten(folder);
  if (error !== undefined) {
    const { cause, remedy } = troubleOf(error) ?? {
      cause: error.message,
      remedy: `see who may write to ${folder}`,
    };
    return { reason: `the hooks could not record what they saw: ${cause}`, advice: remedy };
  }
  if (wereOrdered(folder)) return undefined;
  return {
    reason: 'the hooks could not be told what to do: when it started, their folder could not be written',
    advice: `see that there is space in ${folder}, and prove it again`,
  };
}

/** What may have been lost in processes that never recorded their end; empty: nothing. */
const silence = ({ silent }: ModuleFaultReport): string =>
  silent === 0
    ? ''
    : `${plural(silent, 'process', 'processes')} with the hooks did not record the end, being killed, or not allowed to after \`setuid\``;

/** Why nothing happened, wherever it is not simply that nobody did anything. */
const kept = ({ runtime }: Watched, folder: string, { barred, env }: Ground): LeftOut | undefined => {
  if (barred !== undefined) return barred;
  const reason = whyNotHookable(runtime, env);
  if (reason !== undefined)
    return {
      reason: `the hooks cannot be loaded: ${reason}`,
      advice: 'prove it without that option, or elsewhere',
    };
  return unwritten(folder);
};

/** Why no process imported one of the modules. */
export function whyNeverImported(
  watched: Watched,
  report: ModuleFaultReport,
  folder: string,
  ground: Ground,
): LeftOut {
  const { checker, command, cwd, names, near, runtime } = watched;
  const nameIt = near === undefined ? NAME_IT : `did you mean "${near}"? ${NAME_IT}`;
  const why = kept(watched, folder, ground);
  if (why !== undefined) return why;
  const [first] = report.unhookable;
  if (first !== undefined)
    return { reason: `${first.module} cannot be hooked: ${first.reason}`, advice: nameIt };
  if (report.hooked === 0) {
    const { reason, advice } = whyLeftOut(command, cwd, runtime);
    return { reason: `no process of ${checker} has loaded the hooks: ${reason}`, advice };
  }
  const said = saysLeftOut(command, cwd, runtime);
  const hooked = `the hooks were in ${plural(report.hooked, 'process', 'processes')} of ${RUNTIMES[runtime]}`;
  const rest = [hooked, silence(report), ...(said === undefined ? [] : [`but ${said.reason}`])];
  const reason = `${checker} never imported ${names}: ${rest.filter((each) => each !== '').join('; ')}`;
  return { reason, advice: said?.advice ?? nameIt };
}

/** Why a fault may have happened, although nothing was recorded of it; undefined if nothing speaks for that. */
export function unseenIn(
  { findings }: TrialRecord,
  records: string,
  report: ModuleFaultReport,
  watched: Watched,
  ground: Ground,
): Unseen | undefined {
  const why = kept(watched, records, ground);
  if (why !== undefined) return why;
  // One that is stopped by its time limit has no time to record its end.
  const isStopped = findings.some(({ code }) => code === 'timeout' || code === 'thread-hang');
  const lost = isStopped ? '' : silence(report);
  return lost === ''
    ? undefined
    : {
        reason: `whether the fault happened is not known: ${lost}`,
        advice: END_BY_THEMSELVES,
      };
}

/**
 * A matter of coverage: exported functions that no check calls.
 *
 * @param records absolute path of the folder in which the hooks recorded
 */
export function uncalled(
  report: ModuleFaultReport,
  fault: string,
  shownName: (target: HookedFunction) => string,
  records: string,
): Unreachable[] {
  const { functions, unhookable } = report;
  const never = functions.filter(({ calls }) => calls === 0).map(shownName);
  const rest = never.length - MOST_NAMED;
  const named = rest > 0 ? [...never.slice(0, MOST_NAMED), `${rest} other functions`] : never;
  const lost = unwritten(records)?.reason ?? silence(report);
  const asFarAs = lost === '' ? '' : `, as far as is known: ${lost}`;
  const untried = named.map((subject) => ({
    ...{ fault, subject, isDemanded: false },
    reason: `${subject} ${subject.endsWith(' other functions') ? 'were' : 'was'} never called${asFarAs}`,
    advice: lost === '' ? 'have a check call it, and compare what it gives' : END_BY_THEMSELVES,
  }));
  return [...untried, ...unhookable.map((each) => unhooked(each, fault))];
}

/** Why it is not even known whether any function is called; undefined if that is known. */
export function whyNoCalls(report: ModuleFaultReport, records: string): LeftOut | undefined {
  if (report.functions.length === 0 || report.functions.some(({ calls }) => calls > 0)) return undefined;
  const why = unwritten(records);
  if (why !== undefined) return why;
  const lost = silence(report);
  return lost === '' ? undefined : { reason: `no call was recorded: ${lost}`, advice: END_BY_THEMSELVES };
}

const unhooked = ({ module, name, reason }: Unhookable, fault: string): Unreachable => ({
  ...{ fault, subject: name ?? module, isDemanded: false },
  reason: `${name ?? module} cannot be hooked: ${reason}`,
  advice: 'break it by hand, once, and see whether the check fails',
});

const DENIED = /ERR_ACCESS_DENIED|Access to this API has been restricted/;

/**
 * Why a control failed that had the hooks in place: programs of Node do not even start where they may not read them.
 *
 * @returns undefined if it was not for that
 */
export function barredBy(
  { findings }: TrialRecord,
  { hooked }: ModuleFaultReport,
  watched: Watched,
): LeftOut | undefined {
  const [first] = findings;
  if (watched.runtime !== 'node' || first === undefined) return undefined;
  const lines = findings.flatMap(({ message, evidence = [] }) => [message, ...evidence]);
  const isAboutHooks = lines.some((line) => line.includes(HOOKS));
  if (!isAboutHooks && hooked > 0) return undefined;
  const said = saysLeftOut(watched.command, watched.cwd, watched.runtime);
  if (said !== undefined)
    return { ...said, reason: `no process of ${watched.checker} may load the hooks: ${said.reason}` };
  if (lines.some((line) => DENIED.test(line)))
    return {
      reason: 'Node may not read the hooks: it runs under its permission model',
      advice: 'start Node without its permission model while it is proved',
    };
  if (isAboutHooks)
    return {
      reason: `Node could not read the hooks in ${HOOKS}: it runs as another user, or where they are not`,
      advice: 'install Shakedown where every user may read it, as in the project',
    };
  return {
    reason: `with the hooks in place it failed before any process had loaded them: ${first.message}`,
    advice: 'break the module by hand, once, and see whether the check fails',
  };
}
