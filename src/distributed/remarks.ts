/** What there is to say of agents beside what they measure, while a load goes on. */
import { nameFew } from '../core/few.ts';
import { visible } from '../core/harmless.ts';
import { plural } from '../core/units.ts';
import type { Heard, Silent } from './hearing.ts';

/** How many agents are named. */
const FEW = 4;

/** The time of day, here. */
const clock = (at: number): string => new Date(at).toTimeString().slice(0, 8);

const named = ({ part, name, since }: Silent): string =>
  `${visible(name)}, part ${part + 1}, since ${clock(since)}`;

export class Remarks {
  readonly #agents: number;
  #hasBegun = false;
  #wasSilent = false;

  constructor(agents: number) {
    this.#agents = agents;
  }

  /** @returns undefined if all is as it should be */
  on({ attending, preparing, telling, silent }: Heard): string | undefined {
    const all = plural(this.#agents, 'agent');
    this.#hasBegun ||= telling.length > 0;
    const wasSilent = this.#wasSilent;
    this.#wasSilent = silent.length > 0;
    if (silent.length > 0)
      return `silent: ${nameFew(silent.map(named), FEW)}; the figures are from ${this.#agents - silent.length} of ${all}`;
    if (wasSilent) return 'all agents are heard again';
    if (this.#hasBegun) return undefined;
    if (preparing > 0) return `${preparing} of ${all} still preparing`;
    return attending < this.#agents ? `${attending} of ${all} here` : undefined;
  }
}
