/** From the words of a load, wherever they were written, to what is to be sent. */
import type { LoadClient, LoadLimit, Threshold } from '../../core/load.ts';
import { toDuration } from '../../kinds/common/duration.ts';
import { checkConnection, toRoute, toTls } from './connection.ts';
import { LOAD_DEFAULTS } from './defaults.ts';
import { Mistakes, type Origin } from './mistakes.ts';
import { toLimit, toModel, toWorkers } from './model.ts';
import type { LoadOptions } from './options.ts';
import { checkTemplates, toData, toRequests } from './requests.ts';
import { toThresholds } from './thresholds.ts';

/** What holds where nothing is said. */
export interface LoadDefaults {
  readonly limit: LoadLimit;
  readonly workers: number;
  readonly seed: number;
}

const CONFIG_DEFAULTS: LoadDefaults = {
  limit: { type: 'requests', requests: LOAD_DEFAULTS.requests },
  workers: LOAD_DEFAULTS.workers,
  seed: LOAD_DEFAULTS.seed,
};

/**
 * @param options whose form is right; what contradicts itself, or does not exist, is told
 * @param thresholds what the result must hold
 * @returns the plan, as far as it could be made when there were mistakes
 */
export function buildLoad(
  options: LoadOptions,
  thresholds: readonly Threshold[],
  origin: Origin,
  defaults: LoadDefaults = CONFIG_DEFAULTS,
): LoadClient {
  const mistakes = new Mistakes(origin);
  const model = toModel(options, mistakes);
  mistakes.exclude('a run ends after a time, or after a number of requests', [
    [['duration'], options.duration !== undefined],
    [['requests'], options.requests !== undefined],
    [['stages'], options.stages !== undefined],
  ]);
  checkConnection(options, mistakes);
  const limit = toLimit(options, model, defaults.limit);
  const data = toData(options, mistakes);
  const [first, ...others] = toRequests(options, mistakes);
  if (first === undefined) throw new Error('a load without a request: the schema must have refused this');
  const requests = [first, ...others] as const;
  checkTemplates(requests, options, data, mistakes);
  const scheme = (options.https ?? LOAD_DEFAULTS.https) ? 'https' : 'http';
  return {
    scheme,
    route: toRoute(options, mistakes),
    protocol: (options.http2 ?? LOAD_DEFAULTS.http2) ? 'http2' : 'http1',
    model,
    limit,
    warmup: toDuration(options.warmup),
    workers: toWorkers(options, model, limit, defaults.workers, mistakes),
    timeouts: {
      connect: toDuration(options.connectTimeout ?? LOAD_DEFAULTS.connectTimeout),
      response: toDuration(options.timeout ?? LOAD_DEFAULTS.timeout),
    },
    keepAlive: options.keepAlive ?? LOAD_DEFAULTS.keepAlive,
    pipelining: options.streams ?? options.pipelining ?? LOAD_DEFAULTS.pipelining,
    requests,
    data,
    tls: toTls(options, scheme, mistakes),
    checkEvery: options.checkEvery ?? LOAD_DEFAULTS.checkEvery,
    thresholds,
    abortOn: toThresholds(options.abortOn ?? [], ['abortOn'], origin.tell),
    strict: options.strict ?? LOAD_DEFAULTS.strict,
    seed: options.seed ?? defaults.seed,
  };
}
