/** The requests of one thread, from the mix, the rows of data and the counter. */
import type { LoadData, LoadPlan, LoadRequest } from '../../../core/load.ts';
import { Random } from '../../../core/random.ts';
import { COUNTER } from '../../../core/template.ts';
import { type FilledRequest, type Template, templateOf, type Values } from './template.ts';

/** A request that is ready to be sent, as its protocol encodes it. */
export interface Prepared<T> {
  /** Its place in the mix. */
  readonly index: number;
  readonly isHead: boolean;
  readonly wire: T;
}

/** Which requests of a run a thread sends: every `workers`th, starting with its own number. */
export interface Share {
  readonly worker: number;
  readonly workers: number;
}

export class RequestSource<T> {
  readonly #templates: readonly Template[];
  /** Requests without placeholders are encoded once. */
  readonly #constant: readonly (Prepared<T> | undefined)[];
  readonly #requests: readonly LoadRequest[];
  /** Cumulative weights. */
  readonly #weights: readonly number[];
  readonly #encode: (request: FilledRequest) => T;
  readonly #data: LoadData | null;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #random: Random;
  readonly #step: number;
  /** The number of the next request, from 0, and of the one that is filled in. */
  #number: number;
  #filling = 0;
  readonly #values: Values = { text: (name) => this.#value(name), json: () => null };

  constructor(
    plan: Pick<LoadPlan, 'requests' | 'data' | 'seed'>,
    { worker, workers }: Share,
    encode: (request: FilledRequest) => T,
  ) {
    this.#requests = plan.requests;
    this.#encode = encode;
    this.#data = plan.data;
    this.#columns = new Map(plan.data?.columns.map((name, index) => [name, index]));
    this.#random = new Random(plan.seed, worker);
    this.#step = workers;
    this.#number = worker;
    this.#templates = plan.requests.map(templateOf);
    let sum = 0;
    this.#weights = plan.requests.map(({ weight }) => {
      sum += weight;
      return sum;
    });
    this.#constant = this.#templates.map(({ isConstant, fill }, index) =>
      isConstant ? this.#prepare(index, fill(this.#values)) : undefined,
    );
  }

  /** The next request of this thread. */
  next(): Prepared<T> {
    this.#filling = this.#number;
    this.#number += this.#step;
    const index = this.pick();
    const constant = this.#constant[index];
    if (constant !== undefined) return constant;
    const template = this.#templates[index] as Template;
    return this.#prepare(index, template.fill(this.#values));
  }

  /** Draws a request from the mix by the weights. */
  pick(): number {
    if (this.#weights.length === 1) return 0;
    const at = this.#random.next() * (this.#weights.at(-1) ?? 0);
    return this.#weights.findIndex((sum) => at < sum);
  }

  #value(name: string): string {
    const number = this.#filling;
    const column = this.#columns.get(name);
    if (column !== undefined && this.#data !== null)
      return this.#data.rows[number % this.#data.rows.length]?.[column] ?? '';
    if (name === COUNTER) return String(number + 1);
    throw new Error(`the plan has a template that names "${name}", which is no column`);
  }

  #prepare(index: number, filled: FilledRequest): Prepared<T> {
    return { index, isHead: this.#requests[index]?.method === 'HEAD', wire: this.#encode(filled) };
  }
}
