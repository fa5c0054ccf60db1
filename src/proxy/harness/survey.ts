/** The answers that were seen, by request and status, with the content of the first few of each. */
import type { Alternatives, HttpFault, SeenAnswer } from '../../core/http-fault.ts';
import { Head, jsonIn, mediaType } from './answer.ts';
import { decode } from './codings.ts';
import { Comparison } from './comparison.ts';
import type { Exchange } from './exchange.ts';
import { placesIn } from './json-edit.ts';

/** At most this many kinds of answers are distinguished. */
const MOST_SEEN = 200;
const MOST_FIELDS = 200;
const LONGEST_PATH = 200;
/** How many of each kind are inspected, and up to what size. */
const LOOKED_INTO = 3;
export const LARGEST_LOOK = 256 * 1024;

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  count: number;
  contentType: string | null;
  isJson: boolean;
  readonly fields: Set<string>;
}

/** Receives the body of an answer. */
export type Look = (headBytes: Buffer, payload: Buffer) => void;

export class Survey {
  readonly #entries = new Map<string, Entry>();
  /** Undefined unless a control wants to know. */
  readonly #comparison: Comparison | undefined;
  isCut = false;

  constructor(faults: readonly HttpFault[]) {
    this.#comparison = faults.some(({ type }) => type === 'none') ? new Comparison() : undefined;
  }

  /** Counts an answer. @returns what to pass its body to; undefined if nobody needs it */
  count(exchange: Exchange, status: number): Look | undefined {
    const look = this.#countKind(exchange, status);
    const compare = this.#comparison?.count(exchange, status);
    if (look === undefined || compare === undefined) return look ?? compare;
    return (headBytes, payload) => {
      look(headBytes, payload);
      compare(headBytes, payload);
    };
  }

  #countKind({ method, path }: Exchange, status: number): Look | undefined {
    const key = `${method} ${status} ${path}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= MOST_SEEN) {
        this.isCut = true;
        return undefined;
      }
      const fresh = { count: 0, contentType: null, isJson: false, fields: new Set<string>() };
      entry = { method, path: path.slice(0, LONGEST_PATH), status, ...fresh };
      this.#entries.set(key, entry);
    }
    entry.count += 1;
    const found = entry;
    return entry.count > LOOKED_INTO
      ? undefined
      : (headBytes, payload) => this.#look(found, headBytes, payload);
  }

  #look(entry: Entry, headBytes: Buffer, payload: Buffer): void {
    const head = new Head(headBytes);
    entry.contentType = mediaType(head);
    const body = decode(payload, head.get('content-encoding') ?? '')?.body;
    const text = body === undefined ? undefined : jsonIn(body, entry.contentType);
    if (text === undefined) return;
    entry.isJson = true;
    for (const { path } of placesIn(text)?.scalars ?? []) {
      if (entry.fields.size >= MOST_FIELDS && !entry.fields.has(path)) this.isCut = true;
      else entry.fields.add(path);
    }
  }

  get alternatives(): Alternatives | null {
    return this.#comparison?.found ?? null;
  }

  get seen(): SeenAnswer[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry, fields: [...entry.fields] }));
  }
}
