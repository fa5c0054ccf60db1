/** Carries out the steps of a config as the load engine does, one user, against a server that is a function. */
import type { Proposal } from '../../../../src/starter/proposal.ts';

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface Answered {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Server = (asked: Asked) => Answered;

type Data = Readonly<Record<string, unknown>>;
type Values = Map<string, { text: string; json: string | null }>;

const SHORT = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

export interface Steps {
  readonly before: readonly Data[];
  readonly steps: readonly Data[];
}

export function stepsOf(proposal: Proposal, name = 'http'): Steps {
  const { before = [], steps } = (proposal.suite.components[name] as unknown as { client: Partial<Steps> })
    .client;
  if (steps === undefined) throw new Error('no steps');
  return { before, steps };
}

const valueAt = (body: string, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Data | undefined)?.[key], JSON.parse(body));

export class Player {
  readonly values: Values = new Map();
  readonly #jar = new Map<string, string>();
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  #value(name: string): { text: string; json: string | null } {
    const value = this.values.get(name);
    if (value === undefined) throw new Error(`{{${name}}} was not captured before`);
    return value;
  }

  #fill(text: string, encode = (value: string): string => value): string {
    return text.replace(/\{\{([^{}]*)\}\}/g, (_, name: string) => encode(this.#value(name.trim()).text));
  }

  /** A text that is nothing but a placeholder becomes what was captured, also a number. */
  #json(value: unknown): string {
    const text = JSON.stringify(value).replace(/"\{\{([^{}"]*)\}\}"/g, (_, name: string) => {
      const { json, text: plain } = this.#value(name);
      return json ?? JSON.stringify(plain);
    });
    return this.#fill(text, (each) => JSON.stringify(each).slice(1, -1));
  }

  #asked(step: Data): Asked {
    const short = SHORT.find((each) => each in step);
    const headers = Object.entries((step.headers ?? {}) as Record<string, string>).map(([name, value]) => [
      name.toLowerCase(),
      this.#fill(value),
    ]);
    const isJson = step.json !== undefined;
    return {
      method: short?.toUpperCase() ?? String(step.method),
      path: this.#fill(String(short === undefined ? step.path : step[short]), encodeURIComponent),
      headers: {
        ...(isJson ? { 'content-type': 'application/json' } : {}),
        ...Object.fromEntries(headers),
        cookie: Array.from(this.#jar, (pair) => pair.join('=')).join('; '),
      },
      body: isJson ? this.#json(step.json) : step.body === undefined ? null : this.#fill(String(step.body)),
    };
  }

  #capture({ headers = {}, body = '' }: Answered, source: unknown): { text: string; json: string | null } {
    const found = (text: string | undefined) => {
      if (text === undefined) throw new Error(`nothing at ${source} in ${body}`);
      return { text, json: null };
    };
    if (source instanceof RegExp) return found(source.exec(body)?.[1]);
    const [, type, name = ''] = /^(\w+):(.*)$/.exec(String(source)) ?? [];
    if (type === 'header') return found(headers[name]);
    if (type === 'cookie') return found(this.#jar.get(name));
    const value = valueAt(body, name);
    return typeof value === 'string' ? found(value) : { text: String(value), json: JSON.stringify(value) };
  }

  /** @returns what is wrong with the response; undefined if nothing is */
  play(step: Data): string | undefined {
    const asked = this.#asked(step);
    const answered = this.#server(asked);
    const cookie = /^([^=]+)=([^;]*)/.exec(answered.headers?.['set-cookie'] ?? '');
    if (cookie !== null) this.#jar.set(cookie[1] ?? '', cookie[2] ?? '');
    const expect = (step.expect ?? {}) as { status?: number };
    if (answered.status !== (expect.status ?? 200))
      return `${asked.method} ${asked.path} answered ${answered.status}, not ${expect.status ?? 200}`;
    for (const [name, source] of Object.entries((step.capture ?? {}) as Data))
      this.values.set(name, this.#capture(answered, source));
    return undefined;
  }
}
