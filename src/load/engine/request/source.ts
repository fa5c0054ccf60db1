/** The requests of one thread, from the mix, the rows of data and the counter. */
import type { LoadData, LoadPlan, LoadRequest } from '../../../core/load.ts';
import { Random } from '../../../core/random.ts';
import { COUNTER, splitTemplate } from '../../../core/template.ts';

/** A request that is ready to be sent, as its protocol encodes it. */
export interface Prepared<T> {
  /** Its place in the mix. */
  readonly index: number;
  readonly isHead: boolean;
  readonly wire: T;
}

/** A request with its values filled in. */
export interface FilledRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | null;
}

type Values = (name: string) => string;

const identity = (value: string): string => value;

/** Fills a template: `{{name}}` becomes the value with that name. */
function fill(parts: readonly string[], values: Values, encode = identity): string {
  let text = parts[0] ?? '';
  for (let i = 1; i < parts.length; i += 2) text += encode(values(parts[i] ?? '')) + (parts[i + 1] ?? '');
  return text;
}

interface Template {
  readonly isConstant: boolean;
  readonly fill: (values: Values) => FilledRequest;
}

function templateOf({ method, path, headers, body }: LoadRequest): Template {
  const pathParts = splitTemplate(path);
  const headerParts = headers.map(([name, value]) => [name, splitTemplate(value)] as const);
  const text = body?.encoding === 'utf8' ? splitTemplate(body.content) : undefined;
  const bytes = body === null ? null : Buffer.from(body.content, body.encoding);
  const isText = text !== undefined && text.length > 1;
  return {
    isConstant: pathParts.length === 1 && headerParts.every(([, parts]) => parts.length === 1) && !isText,
    fill: (values) => ({
      method,
      path: fill(pathParts, values, encodeURIComponent),
      headers: headerParts.map(([name, parts]) => [name, fill(parts, values)] as const),
      body: isText ? Buffer.from(fill(text, values)) : bytes,
    }),
  };
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
  #number: number;

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
      isConstant ? this.#prepare(index, fill(identity)) : undefined,
    );
  }

  /** The next request of this thread. */
  next(): Prepared<T> {
    const number = this.#number;
    this.#number += this.#step;
    const index = this.pick();
    const constant = this.#constant[index];
    if (constant !== undefined) return constant;
    const template = this.#templates[index] as Template;
    return this.#prepare(
      index,
      template.fill((name) => this.#value(name, number)),
    );
  }

  /** Draws a request from the mix by the weights. */
  pick(): number {
    if (this.#weights.length === 1) return 0;
    const at = this.#random.next() * (this.#weights.at(-1) ?? 0);
    return this.#weights.findIndex((sum) => at < sum);
  }

  #value(name: string, number: number): string {
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
