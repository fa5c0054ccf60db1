/** A load run for a test or a script. What runs is loaded when it is called: a config imports this file too. */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { LoadResult, LoadWindow } from '../core/load.ts';
import type { Problem } from '../kinds/common/problem.ts';
import type { LoadFinding } from '../load/findings.ts';
import type { LoadOptions } from '../load/options/options.ts';

/** What to send, and to whom: the words of the client `load()`. Files are relative to the current folder. */
export interface RunLoadOptions extends Omit<LoadOptions, 'kind' | 'path' | 'https' | 'websocket' | 'sse'> {
  /** The URL, with the path and query of each request; in a `mix` each request has its own path. One with `ws://` or `wss://` opens WebSockets. */
  readonly url: string;
  /** Whether the URL is that of a stream of server-sent events. Default: false. */
  readonly sse?: boolean;
  /** What the result must hold, such as `p99 < 50ms`. */
  readonly thresholds?: readonly string[];
  /** A process of the target: the resources that it and its children use are measured, for `resources` and `target.…`. */
  readonly pid?: number;
  /** Ends it early, still with a result. */
  readonly signal?: AbortSignal;
  /** Called about once a second with the window that has just ended. */
  readonly onWindow?: (window: LoadWindow) => void;
}

/**
 * Sends a load and measures what comes back.
 *
 * @param options times as texts with a unit (`5s`), rates in requests per second
 * @returns the result: latencies in microseconds, other times in milliseconds. If the target refuses, lies or dies, its
 *   `findings` and `verdict` say so, and nothing is thrown
 * @throws TypeError if options are wrong; the message names each of them
 */
export async function runLoad(options: RunLoadOptions): Promise<LoadResult<LoadFinding>> {
  const [
    { validateLoad },
    kinds,
    { buildLoadPlan, nameInConfig, toAgents },
    { refusalOf },
    { sampleTree },
    engine,
  ] = await Promise.all([
    import('./validate.ts'),
    import('../kinds/index.ts'),
    import('../load/options/index.ts'),
    import('./refuse.ts'),
    import('../process/system/resources.ts'),
    import('../load/index.ts'),
  ]);
  const { url, thresholds, pid, signal, onWindow, ...words } = options;
  const { sse, ...plain } = words;
  const problems: Problem[] = [
    ...validateLoad(
      {
        ...plain,
        ...(sse === undefined || sse === false ? {} : { sse: sse === true ? '/' : sse }),
        kind: 'load',
      },
      await kinds.loadWords(),
    ),
  ];
  const tell = (problem: Problem): void => {
    problems.push(problem);
  };
  if (pid !== undefined && sampleTree(pid) === null)
    tell({ path: ['pid'], message: `there is no process ${pid}`, hint: 'give the id of a running process' });
  const plan =
    problems.length > 0
      ? undefined
      : buildLoadPlan(url, words, thresholds ?? [], { nameOf: nameInConfig, folder: process.cwd(), tell });
  if (plan === undefined || problems.length > 0) throw refusalOf(problems);
  const host = {
    version: (createRequire(import.meta.url)('shakedown/package.json') as { version: string }).version,
    ...(pid === undefined ? {} : { sampleTarget: () => sampleTree(pid) }),
    ...(signal === undefined ? {} : { signal }),
    ...(onWindow === undefined ? {} : { onWindow }),
  };
  if (words.agents === undefined) return engine.runLoad(plan, host);
  const { sendFromAgents } = await import('../distributed/send.ts');
  return sendFromAgents(plan, toAgents(words.agents, resolve), {
    ...host,
    nameOf: (word) => nameInConfig(['agents', word]),
  });
}
