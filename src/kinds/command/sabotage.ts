/** Faults in what a command claims: what it prints, and how it exits. */
import { err, ok } from '../../core/result.ts';
import type { Command } from '../../core/suite.ts';
import { CLAIM_WORDS, type Claimed, claimFaults, withoutFault } from '../common/claims.ts';
import { defineSabotage } from '../sabotage.ts';
import type { CommandComponent } from './component.ts';

function claimsOf(component: CommandComponent): Claimed {
  const { name, expect, command } = component;
  const put = (changed: Command): CommandComponent => ({ ...component, command: changed });
  return { expect, command, checker: name, put };
}

export const sabotage = defineSabotage<CommandComponent>({
  words: CLAIM_WORDS,
  instrument: async (component, folder) => {
    const claims = claimsOf(component);
    if (claimFaults(claims).faults.length === 0)
      return err({
        message: 'it claims nothing but to exit with 0',
        hint: 'name what a good run prints, `expect: { output: … }`, or leave it out of `prove`',
      });
    return ok({ ...component, command: withoutFault(claims, folder) });
  },
  derive: async (component) => claimFaults(claimsOf(component)),
});
