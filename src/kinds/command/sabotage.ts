/** Faults in the modules that a command tries, and in what its component claims about its output and exit code. */
import { err, ok } from '../../core/result.ts';
import type { Command } from '../../core/suite.ts';
import { CLAIM_WORDS, type Claimed, claimFaults, withoutFault } from '../common/claims.ts';
import { saysLeftOut } from '../common/left-out.ts';
import { likelyRuntimes } from '../common/likely-runtimes.ts';
import {
  ANY_PYTHON,
  allFaults,
  hooksBarred,
  isOfProgram,
  MODULE_FAULT_WORDS,
  memoryFaults,
  memoryPreset,
  moduleFaults,
  type Noticing,
  scriptAdvice,
  underTest,
  withModuleFault,
} from '../module-sabotage.ts';
import { defineSabotage, type Ground } from '../sabotage.ts';
import type { CommandComponent } from './component.ts';

function claimsOf(component: CommandComponent): Claimed {
  const { name, expect, command } = component;
  const put = (changed: Command): CommandComponent => ({ ...component, command: changed });
  return { expect, command, checker: name, put };
}

/** A script may check anything, but must check what it calls. */
const noticing = ({ name, command }: CommandComponent): Noticing => ({
  words: {
    ...{ 'wrong-result': true, raises: true, 'import-fails': true },
    ...{ 'wrong-in-worker': false, 'returns-nothing': false, slow: false },
  },
  ...{ checker: name, command },
  advice: scriptAdvice,
  isNoticed: (finding, word) => isOfProgram(finding) || (word === 'slow' && finding.code === 'timeout'),
});

const triedBy = (component: CommandComponent, ground: Ground) =>
  underTest(component, ground, likelyRuntimes(component.command, component.cwd));

export const sabotage = defineSabotage<CommandComponent>({
  words: [...MODULE_FAULT_WORDS, ...CLAIM_WORDS],
  instrument: async (component, folder, ground) => {
    const claims = claimsOf(component);
    const tried = triedBy(component, ground);
    const isClaiming = claimFaults(claims).faults.length > 0;
    const hooked = tried.ok ? tried.value : memoryPreset(ground) === undefined ? undefined : ANY_PYTHON;
    if (!isClaiming && !tried.ok && hooked === undefined)
      return err({
        message: `it claims nothing but to exit with 0, and ${tried.error.message}`,
        hint: `${tried.error.hint}; or name what a good run prints, \`expect: { output: … }\``,
      });
    const claiming = isClaiming ? { ...component, command: withoutFault(claims, folder) } : component;
    return ok(
      hooked === undefined ? claiming : withModuleFault(claiming, hooked, { change: 'none' }, folder, ground),
    );
  },
  barred: (component, control, ground) => {
    const tried = triedBy(component, ground);
    return tried.ok ? hooksBarred(component, control, tried.value, component.command) : undefined;
  },
  derive: async (component, control, ground) => {
    const claims = claimFaults(claimsOf(component));
    const tried = triedBy(component, ground);
    if (tried.ok)
      return allFaults(moduleFaults(component, control, ground, tried.value, noticing(component)), claims);
    const { command, cwd } = component;
    // Another language may be behind the command: then it is said, and nothing is demanded, unless it is all there is.
    const isSure = claims.faults.length === 0 || saysLeftOut(command, cwd, 'python') !== undefined;
    return allFaults(memoryFaults(component, control, ground, ANY_PYTHON, { command, isSure }), claims);
  },
});
