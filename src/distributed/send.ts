/** A load that agents send for a program which has a plan and wants a result: a component, or `runLoad`. */
import type { JoinWord } from '../core/join.ts';
import type { LoadPlan, LoadWindow, TargetSample } from '../core/load.ts';
import type { LoadAgents } from '../core/load-agent.ts';
import { interruptionOf } from '../core/stop-reason.ts';
import { type Departing, refusedLoad, type Told } from '../load/index.ts';
import { ClientSide, type ClusterRun } from './client.ts';
import { joinServer } from './join.ts';
import { type Judged, judged } from './judged.ts';
import { MergedWindows } from './merged-windows.ts';
import { Remarks } from './remarks.ts';
import { Telling } from './telling.ts';

/** In milliseconds: how long agents that were told to stop may take to tell what they have measured. */
const STOPPED_WITHIN = 20_000;

export interface SendHost {
  /** Shakedown's version. */
  readonly version: string;
  /** What a word is called where it was written, for messages. */
  readonly nameOf: (word: JoinWord) => string;
  /** Ends the load early, still with a result. */
  readonly signal?: AbortSignal;
  /** Aborted when nobody waits any more. */
  readonly abandon?: AbortSignal;
  readonly onWindow?: (window: LoadWindow) => void;
  /** What there is to say beside what is measured; undefined: nothing any more. */
  readonly onRemark?: (text: string | undefined) => void;
  /** Called when a load begins whose target is to leave. */
  readonly onStart?: (load: Departing) => void;
  /** Samples the target's processes, where this machine has them; null once they are gone. */
  readonly sampleTarget?: () => TargetSample | null;
}

/** Has agents send a load. @returns its result, also if they cannot be reached or refuse: that is a finding */
export async function sendFromAgents(plan: LoadPlan, agents: LoadAgents, host: SendHost): Promise<Judged> {
  const { nameOf, version } = host;
  const refused = (why: readonly { readonly message: string; readonly hint?: string }[]) =>
    refusedLoad(plan, agents.count, why, version);
  // Its files have absolute names.
  const joined = await joinServer(agents, { nameOf, folder: '/', env: process.env });
  if (!joined.ok) return refused(joined.error);
  const { temporal, joining } = joined.value;
  const side = await ClientSide.open(temporal, joining);
  if (!side.ok) return refused([side.error]);
  try {
    const run = await side.value.begin(plan, {
      ...{ version, pool: joining.pool, agents: agents.count },
      attendWithinMs: agents.waitForAgents,
    });
    if (!run.ok) return await refused([run.error]);
    const { outcome, samples, windows, told } = await followed(run.value, host);
    if (outcome?.type === 'refused') return await refused(outcome.why.map((message) => ({ message })));
    const unknown = {
      type: 'given-up',
      why: `the server does not answer; what they have measured is there once it does: --attach ${run.value.id}`,
    } as const;
    const interruptedBy = interruptionOf(host.signal);
    const result = await judged(run.value, outcome ?? unknown, { version, samples, interruptedBy, told });
    for (const window of windows.left(result.windows)) host.onWindow?.(window);
    return result;
  } finally {
    await side.value.close();
  }
}

/** What is measured by now of the target, without what its warm-up used. */
class Samples {
  readonly all: TargetSample[] = [];
  readonly #take: () => TargetSample | null;

  constructor(take: () => TargetSample | null) {
    this.#take = take;
    this.sample();
  }

  sample(): TargetSample | null {
    const sample = this.#take();
    if (sample !== null) this.all.push(sample);
    return sample;
  }

  /** @returns the window, with what the target used at its end */
  at(window: LoadWindow): LoadWindow {
    const target = this.sample();
    if (window.phase === 'warmup') this.all.splice(0, this.all.length - 1);
    return { ...window, target };
  }
}

/** Waits for the end of a run. */
async function followed(
  run: ClusterRun,
  { signal, abandon, onWindow, onRemark, onStart, sampleTarget = () => null }: SendHost,
): Promise<{
  readonly outcome: Awaited<ReturnType<ClusterRun['outcome']>>;
  readonly samples: readonly TargetSample[];
  readonly windows: MergedWindows;
  readonly told: Told | undefined;
}> {
  const samples = new Samples(sampleTarget);
  const windows = new MergedWindows(run.plan);
  const remarks = new Remarks(run.agents);
  let isOver = false;
  const telling = new Telling(run, () => isOver);
  const stopping = new AbortController();
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    stopping.abort(interruptionOf(signal) ?? 'whoever began it');
    timer = setTimeout(() => late.abort(), STOPPED_WITHIN);
  };
  if (signal?.aborted === true) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  try {
    const outcome = await run.outcome({
      signal: stopping.signal,
      abandon: abandon === undefined ? late.signal : AbortSignal.any([late.signal, abandon]),
      onProgress: (heard) => {
        onRemark?.(remarks.on(heard));
        if (onStart !== undefined && heard.attending === run.agents) void telling.keep(onStart);
        for (const window of windows.ended(heard.telling, heard.others)) onWindow?.(samples.at(window));
      },
      onAway: () => onRemark?.('the server does not answer; the agents go on'),
    });
    samples.sample();
    return { outcome, samples: samples.all, windows, told: telling.told };
  } finally {
    isOver = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
