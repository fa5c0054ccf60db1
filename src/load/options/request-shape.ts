/** The shape of a request: `{ path, method }`, or one of `{ get: '/path' }`; with a `body`, or its value as `json`. */
import type { Mistakes, Path } from './mistakes.ts';
import type { LoadBodyOptions, LoadRequestOptions } from './options.ts';
import { LOAD_DEFAULTS } from './words.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;

/** A request whose method and path are known, and the options that gave its path and its body. */
export interface RequestShape {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly pathAt: Path;
  readonly body: LoadBodyOptions | undefined;
  readonly bodyAt: Path;
}

/** The body, or the part of it that holds what is sent. */
function whereBody({ body, json }: LoadRequestOptions, at: Path): Path {
  if (json !== undefined) return [...at, 'json'];
  return typeof body === 'object' ? [...at, 'body', 'json' in body ? 'json' : 'file'] : [...at, 'body'];
}

/** @param at path of the request in the options of the load */
export function toShape(request: LoadRequestOptions, at: Path): RequestShape {
  const short = METHODS.find((name) => request[name] !== undefined);
  const path = (short === undefined ? request.path : request[short]) ?? LOAD_DEFAULTS.path;
  const body = request.json === undefined ? request.body : { json: request.json };
  const method = request.method ?? short?.toUpperCase() ?? (body === undefined ? 'GET' : 'POST');
  return {
    // The path as it was written: placeholders stay, and make all that they stand for one name.
    name: request.name ?? `${method} ${path.replace(/[?#].*$/s, '')}`,
    ...{ method, path, pathAt: [...at, short ?? 'path'] },
    ...{ body, bodyAt: whereBody(request, at) },
  };
}

/** Rejects a request without a path, or with two of what it can have one of. */
export function checkShape(request: LoadRequestOptions, at: Path, mistakes: Mistakes): void {
  const short = METHODS.filter((name) => request[name] !== undefined);
  if (short.length === 0 && request.path === undefined)
    mistakes.add(at, 'a request needs a path', "write get: '/path', or path: '/path' and a method");
  mistakes.exclude('a request has one path and one method', [
    ...short.map((name) => [[...at, name], true] as const),
    [[...at, 'path'], request.path !== undefined],
    ...(short.length > 0 ? [[[...at, 'method'], request.method !== undefined] as const] : []),
  ]);
  mistakes.exclude('a request has one body', [
    [[...at, 'body'], request.body !== undefined],
    [[...at, 'json'], request.json !== undefined],
  ]);
}
