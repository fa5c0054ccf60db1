/** A recording as a whole: its steps, what was left out of it, and what its owner should know. Pure. */
import { nameFew } from '../../core/few.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { formatDuration, plural } from '../../core/units.ts';
import { type Archive, type Exchange, headerOf, readArchive } from './archive.ts';
import { type Reason, type Selection, select, UNREADABLE } from './select.ts';
import { type Steps, toSteps } from './steps.ts';

export interface Recording extends Steps {
  /** Scheme, host and port of the server. */
  readonly origin: string;
  /** How many requests there were, and for display, which were left out. */
  readonly requests: number;
  readonly left: readonly string[];
  readonly notes: readonly string[];
}

export interface Problem {
  readonly message: string;
  readonly hint: string;
}

const LOGOUT: Reason = ['logout', 'logouts'];
const EXPIRED: Reason = ['answer that a login had expired', 'answers that a login had expired'];
const MOST_HOSTS = 3;

const HOW = 'in the network panel of a browser, "Save all as HAR with content" writes one';

/** `2 preflights`, `3 to other servers (…)`. */
function tellLeft({ left, others }: Selection, more: readonly (readonly [Reason, number])[]): string[] {
  const told = [...left, ...more]
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([[one, many], count]) => plural(count, one, many));
  const sum = others.reduce((total, [, count]) => total + count, 0);
  const hosts = others.map(([host, count]) => (others.length === 1 ? host : `${host} ${count}`));
  return sum === 0 ? told : [...told, `${sum} to other servers (${nameFew(hosts, MOST_HOSTS)})`];
}

const SESSION = /sess|sid$|auth|token|jwt|login|remember/i;

/** Cookies of a session that no response in the recording has set. */
function foreignCookies(kept: readonly Exchange[]): string[] {
  const set = new Set<string>();
  const foreign = new Set<string>();
  for (const { headers, answerHeaders } of kept) {
    const cookies = (headerOf(headers, 'cookie') ?? '')
      .split(';')
      .map((each) => each.split('=')[0]?.trim() ?? '');
    for (const name of cookies) if (SESSION.test(name) && !set.has(name)) foreign.add(name);
    for (const [name, value] of answerHeaders)
      if (/^set-cookie$/i.test(name))
        for (const cookie of value.split('\n')) set.add(cookie.split('=')[0]?.trim() ?? '');
  }
  return [...foreign];
}

/** A browser leaves out what proves who somebody is, unless it is told otherwise. */
const isSanitized = (kept: readonly Exchange[]): boolean =>
  kept.every(
    ({ headers, answerHeaders }) =>
      headerOf(headers, 'authorization') === undefined &&
      headerOf(headers, 'cookie') === undefined &&
      headerOf(answerHeaders, 'set-cookie') === undefined,
  );

function notesOf(kept: readonly Exchange[], steps: Steps, { isDetached }: Archive): string[] {
  const notes: string[] = [];
  const { variables, before, pauseMs } = steps;
  if (variables.length > 0)
    notes.push(
      `${variables.join(', ')} ${variables.length === 1 ? 'is' : 'are'} taken from the environment, since the recording has a secret there`,
    );
  const cookies = foreignCookies(kept);
  if (cookies.length > 0)
    notes.push(
      `the recording begins logged in: no response in it sets the cookie ${nameFew(cookies, 3)}. Record from the login on`,
    );
  if (before.length > 0 && isSanitized(kept))
    notes.push(
      'no request has an Authorization header and none sets or sends a cookie: Chrome leaves them out of an export unless its settings allow sensitive data in it',
    );
  if (kept.every(({ answer }) => answer === null) && kept.length > 1)
    notes.push(
      isDetached
        ? 'the responses are in files beside the recording, so no value is taken from them: record with their content embedded'
        : `the recording has no content of responses, so no value is taken from them: ${HOW}`,
    );
  if (pauseMs > 0)
    notes.push(
      `recorded pauses have a median of ${formatDuration(pauseMs)}; think: '${pauseMs}ms' repeats them, by default there are none`,
    );
  return notes;
}

/** @param text of a HAR file */
export function readRecording(text: string): Result<Recording, Problem> {
  const archive = readArchive(text);
  if (!archive.ok) return err({ message: archive.error, hint: HOW });
  const { exchanges, unreadable } = archive.value;
  const requests = exchanges.length + unreadable;
  const selection = select(exchanges);
  const steps = toSteps(selection.kept);
  const { logouts, expired } = steps;
  const left = tellLeft(selection, [
    [UNREADABLE, unreadable],
    [LOGOUT, logouts],
    [EXPIRED, expired],
  ]);
  if (selection.origin === null || steps.steps.length === 0)
    return err({
      message:
        requests === 0 ? 'it has no requests' : `none of its requests can be repeated: ${left.join(', ')}`,
      hint: 'record what a user does from the login on, and save that with its content',
    });
  return ok({
    ...steps,
    ...{ origin: selection.origin, requests, left },
    notes: notesOf(selection.kept, steps, archive.value),
  });
}
