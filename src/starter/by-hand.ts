/** The proposal if nothing was found, and the user said what to run. */
import type { Proposal } from './proposal.ts';

/** @param run a command, as typed in a shell */
export const commandProposal = (run: string): Proposal => ({
  suite: { components: { test: { kind: 'command', run } } },
  comments: {},
  seen: [],
  notes: [],
  questions: [],
  weighty: [],
  trials: {},
  extras: [],
  lacking: null,
});
