/** Validates the head of an HTTP/2 response (RFC 9113, sections 8.2 and 8.3). */
import type { Field } from './hpack.ts';

const OF_CONNECTIONS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
/** A lower-case token. */
const NAME = /^[!#$%&'*+\-.^_`|~\da-z]+$/;
const BAD_VALUE = /[\0\r\n]/;

/** @returns what is wrong with a field that is not a pseudo-header */
function fieldError([name, value]: Field): string | undefined {
  if (name.startsWith(':')) return `the pseudo-header ${name} where none may stand`;
  if (!NAME.test(name)) return `a header with the name "${name}"`;
  if (BAD_VALUE.test(value)) return `a header ${name} with a value that is none`;
  if (OF_CONNECTIONS.has(name)) return `the header ${name}, which HTTP/2 does not have`;
  return undefined;
}

const firstError = (fields: readonly Field[]): string | undefined => {
  for (const field of fields) {
    const error = fieldError(field);
    if (error !== undefined) return error;
  }
  return undefined;
};

export interface ResponseHead {
  readonly status: number;
  readonly fields: readonly Field[];
  /** The announced length of the body in bytes. */
  readonly contentLength: number | undefined;
}

/** @returns the head, or what is wrong with it */
export function readHead([first, ...fields]: readonly Field[]): ResponseHead | string {
  if (first?.[0] !== ':status') return 'a head that does not begin with its status';
  if (!/^[1-9]\d\d$/.test(first[1]) || first[1] === '101') return `the status "${first[1]}"`;
  const error = firstError(fields);
  if (error !== undefined) return error;
  const lengths = new Set(fields.filter(([name]) => name === 'content-length').map(([, value]) => value));
  const [length] = lengths;
  if (lengths.size > 1 || (length !== undefined && !/^\d{1,15}$/.test(length)))
    return `the content-length ${[...lengths].join(', ')}`;
  return {
    status: Number(first[1]),
    fields,
    contentLength: length === undefined ? undefined : Number(length),
  };
}

/** @returns what is wrong with the trailers */
export const trailersError = firstError;
