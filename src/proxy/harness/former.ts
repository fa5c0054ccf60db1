/** Earlier answers, for faults that give one of them again. */
import type { Exchange } from './exchange.ts';

export interface Former {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/** Whether nobody could tell two answers apart by their status and body. */
export const isSame = (a: Pick<Former, 'status' | 'body'>, b: Pick<Former, 'status' | 'body'>): boolean =>
  a.status === b.status && a.body.equals(b.body);

/** How many requests are remembered, and the largest answer that is kept. */
const MOST = 64;
const LARGEST = 256 * 1024;

export class FormerAnswers {
  /** By method and target; the latest last. */
  readonly #all = new Map<string, Former>();

  keep({ method, path, target }: Exchange, answer: Omit<Former, 'method' | 'path'>): void {
    if (answer.body.length > LARGEST) return;
    const key = `${method} ${target}`;
    this.#all.delete(key);
    this.#all.set(key, { method, path, ...answer });
    const [oldest] = this.#all.keys();
    if (this.#all.size > MOST && oldest !== undefined) this.#all.delete(oldest);
  }

  /** The last answer to the same request, or else to one that differs only in its query. */
  stale({ method, path, target }: Exchange): Former | undefined {
    const isLike = (former: Former): boolean => former.method === method && former.path === path;
    return this.#all.get(`${method} ${target}`) ?? [...this.#all.values()].findLast(isLike);
  }

  /** The last answer to another request, preferably with another path rather than just another query. */
  other({ method, path, target }: Exchange): Former | undefined {
    const others = [...this.#all]
      .filter(([key]) => key !== `${method} ${target}`)
      .map(([, former]) => former);
    return others.findLast((former) => former.path !== path) ?? others.at(-1);
  }
}
