/** From the words of a load, wherever they were written, to what is to be sent. */
import type { LoadClient, LoadLimit, Threshold } from '../../domain/load.ts';
import { ms } from '../../domain/units.ts';
import { toDuration } from '../../kinds/common/duration.ts';
import { checkConnection, toRoute, toTls } from './connection.ts';
import { Mistakes, type Origin } from './mistakes.ts';
import { toLimit, toModel, toWorkers } from './model.ts';
import type { LoadOptions } from './options.ts';
import { checkTemplates, toData, toRequests } from './requests.ts';
import { toThresholds } from './thresholds.ts';

const RESPONSE_TIMEOUT = ms(10_000);
const CONNECT_TIMEOUT = ms(5000);

/** What holds where nothing is said. */
export interface LoadDefaults {
  readonly limit: LoadLimit;
  readonly workers: number;
  readonly seed: number;
}

/** A config is run again and again, and is to do the same each time. */
export const CONFIG_DEFAULTS: LoadDefaults = {
  limit: { type: 'requests', requests: 1000 },
  workers: 1,
  seed: 1,
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
  const scheme = options.https === true ? 'https' : 'http';
  return {
    scheme,
    route: toRoute(options, mistakes),
    protocol: options.http2 === true ? 'http2' : 'http1',
    model,
    limit,
    warmup: toDuration(options.warmup, ms(0)),
    workers: toWorkers(options, model, limit, defaults.workers, mistakes),
    timeouts: {
      connect: toDuration(options.connectTimeout, CONNECT_TIMEOUT),
      response: toDuration(options.timeout, RESPONSE_TIMEOUT),
    },
    keepAlive: options.keepAlive ?? true,
    pipelining: options.streams ?? options.pipelining ?? 1,
    requests,
    data,
    tls: toTls(options, scheme, mistakes),
    checkEvery: options.checkEvery ?? 1,
    thresholds,
    abortOn: toThresholds(options.abortOn ?? [], ['abortOn'], origin.tell),
    strict: options.strict ?? false,
    seed: options.seed ?? defaults.seed,
  };
}
