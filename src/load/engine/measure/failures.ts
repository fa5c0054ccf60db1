/** The failures of a thread that are kept to be looked at. */
import { MOST_SAVED, MOST_SAVED_BYTES, SAVED_PART } from '../../../core/failure-files.ts';
import type { LoadFailure } from '../../../core/load.ts';
import { Firsts, type Identity } from '../../tally/firsts.ts';
import { SHOWN_BODY } from '../check/compile.ts';

/** Longest parts, in characters. */
interface Limits {
  readonly request: number;
  readonly head: number;
  readonly body: number;
}
const SHOWN: Limits = { request: 1000, head: 2000, body: SHOWN_BODY };
const SAVED: Limits = { request: SAVED_PART, head: SAVED_PART, body: SAVED_PART };

/** Text as it is, with control characters escaped. */
export function showBytes(bytes: Uint8Array | string, longest: number): string {
  // A character has four bytes at most.
  const text =
    typeof bytes === 'string' ? bytes : Buffer.from(bytes.subarray(0, longest * 4)).toString('utf8');
  return (
    text
      .slice(0, longest)
      .replaceAll('\r\n', '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f\ufffd]/g, (char) =>
        char === '\ufffd' ? '\\?' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
      )
  );
}

/** What a failure consists of, before it is made into text. */
export interface RawFailure extends Pick<LoadFailure, 'kind' | 'name' | 'message' | 'captured'> {
  readonly request: Uint8Array | string;
  readonly head: string | null;
  readonly body: Uint8Array | null;
}

/** The first failures of each kind and name; to be saved, all up to the bounds of files and bytes. */
export class KeptFailures {
  readonly all: LoadFailure[] = [];
  readonly #isToSave: boolean;
  readonly #limits: Limits;
  readonly #firsts = new Firsts();
  #bytes = 0;

  constructor(isToSave: boolean) {
    this.#isToSave = isToSave;
    this.#limits = isToSave ? SAVED : SHOWN;
  }

  wants(failure: Identity): boolean {
    const hasRoom = this.#isToSave && this.all.length < MOST_SAVED && this.#bytes < MOST_SAVED_BYTES;
    return hasRoom || this.#firsts.wants(failure);
  }

  keep({ request, head, body, ...rest }: RawFailure): void {
    const kept: LoadFailure = {
      ...rest,
      request: showBytes(request, this.#limits.request),
      response: head === null ? null : showBytes(head, this.#limits.head),
      body: body === null ? null : showBytes(body, this.#limits.body),
    };
    this.all.push(kept);
    if (this.#firsts.wants(kept)) this.#firsts.count(kept);
    this.#bytes += kept.request.length + (kept.response?.length ?? 0) + (kept.body?.length ?? 0);
  }
}

/** A failure as it is shown in a result, where it may have been kept at greater length to be saved. */
export const asExample = ({ request, response, body, ...rest }: LoadFailure): LoadFailure => ({
  ...rest,
  request: request.slice(0, SHOWN.request),
  response: response === null ? null : response.slice(0, SHOWN.head),
  body: body === null ? null : body.slice(0, SHOWN.body),
});
