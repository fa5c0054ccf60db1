/** Who sends a load: this machine, or agents. */
import { joinMistakes } from '../../core/join.ts';
import type { LoadClient } from '../../core/load.ts';
import type { LoadAgents } from '../../core/load-agent.ts';
import { metricOf } from '../../core/metric.ts';
import { whyUndivided } from '../../core/undivided.ts';
import { toDuration } from '../../kinds/common/duration.ts';
import type { LoadAgentsOptions } from './agents-options.ts';
import type { Mistakes } from './mistakes.ts';
import { WAIT_FOR_AGENTS } from './words.ts';

const FILES = ['tlsCert', 'tlsKey', 'tlsCa', 'apiKeyFile'] as const;

/** @param resolve makes the name of a file absolute */
export function toAgents(options: LoadAgentsOptions, resolve: (file: string) => string): LoadAgents {
  const files = FILES.flatMap((name) => {
    const file = options[name];
    return file === undefined ? [] : [[name, resolve(file)] as const];
  });
  return {
    ...options,
    ...Object.fromEntries(files),
    waitForAgents: toDuration(options.waitForAgents ?? WAIT_FOR_AGENTS),
  };
}

/** Reports what can be known before the server is asked. The API key itself may be there only where the load is begun. */
export function checkAgents(load: LoadClient, options: LoadAgentsOptions, mistakes: Mistakes): void {
  for (const { word, message, hint } of joinMistakes(options, (name) => mistakes.nameOf('agents', name)))
    mistakes.add(['agents', word], message, hint);
  for (const name of FILES) {
    const file = options[name];
    if (file !== undefined) mistakes.read(['agents', name], file);
  }
  const why = whyUndivided(load, load.route, options.count);
  if (why !== undefined)
    mistakes.add(
      ['agents'],
      `this load cannot be divided: ${why}`,
      load.next === undefined
        ? 'change that, or send from this machine alone'
        : `list the steps, since a function cannot travel; or leave out ${mistakes.nameOf('agents')}`,
    );
  const unseen = load.abortOn.find(({ metric }) => metricOf(metric)?.about.type === 'target');
  if (unseen !== undefined)
    mistakes.add(
      ['abortOn'],
      `agents decide when to stop, and do not see the resources of the target: ${unseen.text}`,
      `write it as a threshold: ${mistakes.nameOf('thresholds')}`,
    );
}
