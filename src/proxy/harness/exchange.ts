/** A request that waits for its answer. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  /** The target without its query. */
  readonly path: string;
  /** When it was passed on, on the clock of `performance.now()`. */
  readonly since: number;
}

/** The path of a request target, which may be a whole URL. */
export function pathOf(target: string): string {
  const path = /^https?:\/\/[^/?#]*/i.test(target) ? target.replace(/^https?:\/\/[^/?#]*/i, '') : target;
  const end = path.search(/[?#]/);
  return (end < 0 ? path : path.slice(0, end)) || '/';
}

/** The path with every part that looks like an identifier replaced, so that `/users/17` equals `/users/18`. */
export const routeOf = ({ method, path }: Pick<Exchange, 'method' | 'path'>): string =>
  `${method} ${path
    .split('/')
    .map((part) => (/\d/.test(part) ? '*' : part))
    .join('/')}`;
