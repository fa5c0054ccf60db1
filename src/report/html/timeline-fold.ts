/** When everything in a run began and ended, from its events. */
import type { Stamped } from '../../core/event.ts';
import { sharedName } from '../../core/shared.ts';
import { formatDuration } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { consequenceOf } from '../../kinds/index.ts';
import { isSetup } from '../setup-state.ts';
import { isTeardown } from '../teardown-state.ts';
import type { Fold } from './fold.ts';

/** What went on, as the legend calls it. */
export const WHATS = [
  ...['setup', 'task', 'starting', 'ready', 'ending', 'attempt', 'step'],
  ...['warm-up', 'load', 'last answers', 'teardown'],
] as const;
export type What = (typeof WHATS)[number];

export interface Span {
  readonly what: What;
  /** Of the step, or what says more than that; may be empty. */
  readonly name: string;
  /** In milliseconds since the run began, as all times here. */
  readonly from: number;
  /** Null if it had not ended when the record did. */
  readonly to: number | null;
  readonly outcome: Verdict;
  /** How it ended, and with which finding; may be empty. */
  readonly how: string;
}

/** What has a row of its own, unless there are too many. */
export interface Track {
  readonly group: 'setup' | 'service' | 'component' | 'teardown';
  /** The component, service or task; empty for setup and teardown. */
  readonly of: string;
  /** Empty for the whole of it; else one of its services, its `steps`, or its `load`. */
  readonly part: string;
  readonly spans: readonly Span[];
  /** Spans that were too many to keep. */
  readonly left: number;
}

/** What happened at once, and may have changed everything after it. */
export interface Moment {
  readonly at: number;
  readonly of: string;
  readonly message: string;
  /** The code of the finding that it has led to, if it has. */
  readonly code: string | null;
}

export interface Timeline {
  readonly endMs: number;
  readonly tracks: readonly Track[];
  readonly moments: readonly Moment[];
}

const MOST_SPANS = 400;
const MOST_MOMENTS = 60;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type OpenSpan = Writable<Span>;
type OpenTrack = Omit<Track, 'spans' | 'left'> & { readonly spans: OpenSpan[]; left: number };

const WORSE: readonly Verdict[] = ['failed', 'inconclusive', 'skipped', 'passed'];
const worseOf = (one: Verdict, other: Verdict): Verdict =>
  WORSE.find((verdict) => verdict === one || verdict === other) ?? one;

/** @returns how a process ended, in words; empty if well */
function exitWords(exitCode: number | null, signal: string | null): string {
  if (signal !== null) return `ended by ${signal}`;
  return exitCode === null || exitCode === 0 ? '' : `exit code ${exitCode}`;
}

const withMore = (how: string, more: string): string =>
  more === '' || how.includes(more) ? how : how === '' ? more : `${how}, ${more}`;

type Of<T extends Stamped['type']> = Extract<Stamped, { type: T }>;
type Handlers = { readonly [T in Stamped['type']]?: (event: Of<T>) => void };

class TimelineFold implements Fold<Timeline> {
  readonly #tracks = new Map<string, OpenTrack>();
  readonly #moments: Moment[] = [];
  /** Which step of a component puts it under load. */
  readonly #loadSteps = new Map<string, string>();
  /** The signals that steps and services were sent to end them, and when. */
  readonly #sent = new Map<string, { readonly signal: string; readonly at: number }[]>();
  #endMs = 0;
  #isOver = false;

  take = (event: Stamped): void => {
    this.#endMs = Math.max(this.#endMs, event.elapsedMs);
    const handle = this.#handlers[event.type] as ((event: Stamped) => void) | undefined;
    handle?.(event);
  };

  kept = (): Timeline => ({
    endMs: this.#endMs,
    tracks: [...this.#tracks.values()].map((track) => (this.#isOver ? track : withUnknown(track))),
    moments: this.#moments,
  });

  readonly #handlers: Handlers = {
    'setup-started': ({ step, elapsedMs }) => this.#begin(this.#track('setup'), 'setup', step, elapsedMs),
    'setup-finished': ({ step, outcome, elapsedMs }) =>
      this.#endNamed(this.#track('setup'), step, elapsedMs, outcome),
    'teardown-started': ({ step, elapsedMs }) =>
      this.#begin(this.#track('teardown'), 'teardown', step, elapsedMs),
    'teardown-finished': ({ step, outcome, elapsedMs }) =>
      this.#endNamed(this.#track('teardown'), step, elapsedMs, outcome),
    'shared-started': ({ shared, kind, elapsedMs }) =>
      this.#begin(this.#track('service', shared), kind === 'task' ? 'task' : 'starting', '', elapsedMs),
    'shared-finished': ({ shared, outcome, elapsedMs, findings }) => {
      const track = this.#track('service', shared);
      const code = findings.find((finding) => consequenceOf(finding) === 'failed')?.code ?? '';
      this.#endOpen(
        track,
        elapsedMs,
        outcome === 'failed' ? 'failed' : 'passed',
        outcome === 'cached' ? 'cached' : code,
      );
    },
    'service-ready': (event) => this.#becomeReady(event),
    'service-died': ({ component, service, exitCode, signal, elapsedMs }) => {
      const how = exitWords(exitCode, signal) || 'ended';
      this.#endOpen(this.#trackOfService(component, service), elapsedMs, 'failed', `${how}, service-died`);
      this.#mark(
        elapsedMs,
        ownerOf(component, service),
        `${service}: ${how} while it was in use`,
        'service-died',
      );
    },
    'service-told': ({ component, service, signal, elapsedMs }) =>
      this.#mark(elapsedMs, ownerOf(component, service), `${service} was told by ${signal}`),
    'signal-sent': ({ component, step, signal, elapsedMs }) => {
      const key = sentTo(component, step);
      this.#sent.set(key, [...(this.#sent.get(key) ?? []), { signal, at: elapsedMs }]);
      if (signal === 'SIGKILL') this.#mark(elapsedMs, ownerOf(component, step), `${step} was sent SIGKILL`);
    },
    'service-ended': ({ component, service, durationMs, elapsedMs }) => {
      const track = this.#trackOfService(component, service);
      const from = Math.max(0, elapsedMs - durationMs);
      const how = this.#takeSent(component, service);
      this.#endOpen(track, from, 'passed', '');
      // What has died does not end once more: what is left of it is only tidied up.
      if (track.spans.at(-1)?.how.includes('service-died')) return;
      this.#add(track, { what: 'ending', name: '', from, to: elapsedMs, outcome: 'passed', how });
    },
    'component-started': ({ component, attempt, elapsedMs }) => {
      this.#endAttempt(component, elapsedMs, 'passed');
      this.#begin(this.#track('component', component), 'attempt', `attempt ${attempt}`, elapsedMs);
    },
    'component-retrying': ({ component, elapsedMs }) => this.#endAttempt(component, elapsedMs, 'passed'),
    'component-finished': ({ component, verdict, elapsedMs }) =>
      this.#endAttempt(component, elapsedMs, verdict),
    'process-started': ({ component, step, elapsedMs }) => {
      if (isSetup(component) || isTeardown(component) || sharedName(component) !== undefined) return;
      this.#begin(this.#track('component', component, 'steps'), 'step', step, elapsedMs);
    },
    'step-finished': (event) => this.#endStep(event),
    'load-window': (event) => this.#extendLoad(event),
    'load-finished': ({ component, elapsedMs }) => {
      const track = this.#track('component', component, 'load');
      const from = track.spans.at(-1)?.to ?? elapsedMs;
      if (elapsedMs - from < LEAST_WAIT) return;
      this.#add(track, { what: 'last answers', name: '', from, to: elapsedMs, outcome: 'passed', how: '' });
    },
    finding: ({ component, finding }) => {
      const consequence = consequenceOf(finding);
      if (consequence === 'note') return;
      const blame = (span: OpenSpan | undefined): void => {
        if (span === undefined) return;
        span.outcome = worseOf(span.outcome, consequence);
        span.how = withMore(span.how, finding.code);
      };
      const { step } = finding;
      blame(this.#tracks.get(keyOf('component', component, ''))?.spans.at(-1));
      if (step === undefined) return;
      if (finding.code === 'not-ready') this.#neverReady(component, step);
      if (step === this.#loadSteps.get(component))
        blame(
          this.#tracks
            .get(keyOf('component', component, 'load'))
            ?.spans.findLast(({ what }) => what === 'load'),
        );
      const own = this.#tracks.get(keyOf('component', component, step));
      const steps = this.#tracks.get(keyOf('component', component, 'steps'));
      blame(
        own?.spans.findLast(({ what }) => what !== 'ending') ??
          steps?.spans.findLast(({ name }) => name === step),
      );
    },
    interrupted: ({ signal, again, elapsedMs }) =>
      this.#mark(elapsedMs, 'run', `interrupted by ${signal}${again ? ' once more' : ''}`, 'interrupted'),
    resumed: ({ stoppedMs, elapsedMs }) =>
      this.#mark(elapsedMs, 'run', `suspended here for ${formatDuration(stoppedMs)}, which do not count`),
    'run-finished': () => {
      this.#isOver = true;
    },
    'round-started': ({ because, elapsedMs }) => this.#mark(elapsedMs, 'run', `another round: ${because}`),
  };

  #track(group: Track['group'], of = '', part = ''): OpenTrack {
    const key = keyOf(group, of, part);
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    const track: OpenTrack = { group, of, part, spans: [], left: 0 };
    this.#tracks.set(key, track);
    return track;
  }

  #trackOfService(component: string, service: string): OpenTrack {
    const shared = sharedName(component);
    return shared === undefined
      ? this.#track('component', component, service)
      : this.#track('service', shared);
  }

  #add(track: OpenTrack, span: OpenSpan): void {
    if (track.spans.length < MOST_SPANS) track.spans.push(span);
    else track.left += 1;
  }

  #begin(track: OpenTrack, what: What, name: string, from: number): void {
    this.#add(track, { what, name, from, to: null, outcome: 'passed', how: '' });
  }

  /** Ends what has not ended in a track. */
  #endOpen(track: OpenTrack, at: number, outcome: Verdict, how: string): void {
    for (const span of track.spans) {
      if (span.to !== null) continue;
      span.to = Math.max(span.from, at);
      span.outcome = worseOf(span.outcome, outcome);
      span.how = withMore(span.how, how);
    }
  }

  #endNamed(track: OpenTrack, name: string, at: number, outcome: 'done' | 'cached' | 'failed'): void {
    const span = track.spans.find((each) => each.name === name && each.to === null);
    if (span === undefined) return;
    span.to = at;
    span.outcome = outcome === 'failed' ? 'failed' : 'passed';
    span.how = outcome === 'cached' ? 'cached' : '';
  }

  /** What of a component has not ended ends with its attempt; what a service has dragged down with it has failed as well. */
  #endAttempt(component: string, at: number, verdict: Verdict): void {
    const attempt = this.#tracks.get(keyOf('component', component, ''))?.spans.at(-1);
    const steps = this.#tracks.get(keyOf('component', component, 'steps'));
    if (attempt?.to === null && attempt.how.includes('service-died'))
      for (const step of steps?.spans ?? [])
        if (step.from >= attempt.from && step.how !== '') step.outcome = 'failed';
    for (const track of this.#tracks.values())
      if (track.group === 'component' && track.of === component)
        this.#endOpen(track, at, track.part === '' ? verdict : 'passed', '');
  }

  #becomeReady({ component, service, port, readyAfterMs, elapsedMs }: Of<'service-ready'>): void {
    const track = this.#trackOfService(component, service);
    this.#takeStep(component, service);
    if (track.spans.some(({ to }) => to === null)) this.#endOpen(track, elapsedMs, 'passed', '');
    else {
      const from = Math.max(0, elapsedMs - readyAfterMs);
      this.#add(track, { what: 'starting', name: '', from, to: elapsedMs, outcome: 'passed', how: '' });
    }
    this.#begin(track, 'ready', port === null ? '' : `on port ${port}`, elapsedMs);
  }

  /** Until it is ready, a service is a step like others. */
  #takeStep(component: string, service: string): OpenSpan | undefined {
    const steps = this.#tracks.get(keyOf('component', component, 'steps'));
    const at = steps?.spans.findLastIndex(({ name, to }) => name === service && to === null) ?? -1;
    return at < 0 ? undefined : steps?.spans.splice(at, 1)[0];
  }

  #neverReady(component: string, service: string): void {
    const step = this.#takeStep(component, service);
    if (step !== undefined)
      this.#add(this.#trackOfService(component, service), { ...step, what: 'starting', name: '' });
  }

  #endStep({ component, step, exitCode, signal, durationMs, elapsedMs }: Of<'step-finished'>): void {
    if (isSetup(component) || isTeardown(component) || sharedName(component) !== undefined) return;
    const track = this.#track('component', component, 'steps');
    const open = track.spans.findLast(({ name, to }) => name === step && to === null);
    const how = withMore(this.#takeSent(component, step), exitWords(exitCode, signal));
    // It may have been held back before it could begin.
    const from = Math.max(0, elapsedMs - durationMs);
    // Without a beginning it is one of our own, or one too many to keep.
    if (open === undefined && track.left === 0)
      this.#add(track, { what: 'step', name: step, from, to: elapsedMs, outcome: 'passed', how });
    if (open !== undefined) Object.assign(open, { from: Math.max(open.from, from), to: elapsedMs, how });
  }

  /** `sent SIGTERM, SIGKILL after 5.0 s`; empty if it was sent none. */
  #takeSent(component: string, step: string): string {
    const key = sentTo(component, step);
    const [first, ...later] = this.#sent.get(key) ?? [];
    this.#sent.delete(key);
    if (first === undefined) return '';
    const more = later.map(({ signal, at }) => `, ${signal} after ${formatDuration(at - first.at)}`);
    return `sent ${first.signal}${more.join('')}`;
  }

  #extendLoad({ component, step, window, elapsedMs }: Of<'load-window'>): void {
    const track = this.#track('component', component, 'load');
    this.#loadSteps.set(component, step);
    const what = window.phase === 'warmup' ? 'warm-up' : 'load';
    const last = track.spans.at(-1);
    const from = Math.max(0, elapsedMs - window.durationMs);
    // Those of another attempt begin anew.
    if (last?.what === what && from - (last.to ?? from) < MOST_PAUSE) last.to = elapsedMs;
    else this.#add(track, { what, name: '', from, to: elapsedMs, outcome: 'passed', how: '' });
  }

  #mark(at: number, of: string, message: string, code: string | null = null): void {
    if (this.#moments.length < MOST_MOMENTS) this.#moments.push({ at, of, message, code });
  }
}

/** In milliseconds: less is not worth a bar of its own. */
const LEAST_WAIT = 20;
/** Windows of one load follow each other. */
const MOST_PAUSE = 2000;

/** Of what had not ended when the run was cut short, nobody knows whether it would have gone well. */
const withUnknown = (track: Track): Track => ({
  ...track,
  spans: track.spans.map((span) =>
    span.to === null && span.outcome === 'passed' && span.what !== 'ready'
      ? { ...span, outcome: 'inconclusive' }
      : span,
  ),
});

const keyOf = (group: string, of: string, part: string): string => `${group}\n${of}\n${part}`;

const sentTo = (component: string, step: string): string => `${component}\n${step}`;

/** Whose moment it is: the component's, or that of the service of the suite itself. */
const ownerOf = (component: string, service: string): string =>
  sharedName(component) === undefined ? component : service;

export const foldTimeline = (): Fold<Timeline> => new TimelineFold();
