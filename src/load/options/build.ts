/** Turns the options of a load, wherever they were written, into a client. */
import { FAILURE_FOLDER } from '../../core/failure-files.ts';
import type { LoadClient, LoadData, LoadLimit, LoadModel, LoadRequest } from '../../core/load.ts';
import { ms } from '../../core/units.ts';
import { foreignIn } from '../../files/own-folder.ts';
import { toDuration } from '../../kinds/common/duration.ts';
import { checkAgents, toAgents } from './agents.ts';
import { channelOptions, limitOf, nameOpening, pipeliningOf, toChannel } from './channel.ts';
import { checkConnection, toRoute, toTls } from './connection.ts';
import { checkThresholds, LEVEL_DURATION, LEVEL_WARMUP, toConditions, toRange } from './find-rate.ts';
import { Mistakes, type Origin } from './mistakes.ts';
import { toLimit, toModel, toWorkers } from './model.ts';
import { toNext } from './next.ts';
import type { LoadOptions } from './options.ts';
import { checkTemplates, toCommon, toData, toRequest, toRequests } from './requests.ts';
import { allOf, checkUserTemplates, toCaptures, toScenario, writtenScenario } from './scenario.ts';
import { type GivenThresholds, toThresholds } from './thresholds.ts';
import { LOAD_WORDS } from './words.ts';

export interface LoadDefaults {
  readonly limit: LoadLimit;
  readonly workers: number;
  readonly seed: number;
}

const CONFIG_DEFAULTS: LoadDefaults = {
  limit: { type: 'requests', requests: LOAD_WORDS.requests.default },
  workers: LOAD_WORDS.workers.default,
  seed: LOAD_WORDS.seed.default,
};

/** Looks into the folder ahead of the run, so that what is in it is not found to be foreign only after it. */
function toSaveFailures({ saveFailures }: LoadOptions, mistakes: Mistakes): string | null {
  if (saveFailures === undefined) return null;
  const folder = mistakes.resolve(saveFailures);
  const foreign = foreignIn(folder, FAILURE_FOLDER);
  if (foreign !== undefined)
    mistakes.about(
      ['saveFailures'],
      `${saveFailures} ${foreign}`,
      'name a new folder, an empty one, or one in which failures were saved before: those are replaced',
    );
  return folder;
}

/**
 * The requests, and in what order users send them.
 *
 * @param given the options before those of a channel were put in their place
 */
function toWhatIsSent(
  options: LoadOptions,
  given: LoadOptions,
  model: LoadModel,
  data: LoadData | null,
  mistakes: Mistakes,
): Pick<LoadClient, 'requests' | 'scenario' | 'next'> {
  const users = writtenScenario(options, mistakes);
  if (users === undefined) {
    const [first, ...others] = toRequests(options, mistakes);
    if (first === undefined) throw new Error('a load without a request: the schema must have refused this');
    const requests = [nameOpening(first, given), ...others] as const;
    checkTemplates(requests, options, data, mistakes);
    return { requests, scenario: null };
  }
  const common = toCommon(options, mistakes);
  const requests = allOf(users).map((each): LoadRequest => {
    const captures = toCaptures(each, data, mistakes);
    const request = toRequest(each.request, each.at, common, mistakes);
    return captures.length === 0 ? request : { ...request, captures };
  });
  checkUserTemplates(users, requests, options, data, mistakes);
  return {
    requests: requests as unknown as LoadClient['requests'],
    scenario: toScenario(users, options, model, mistakes),
    ...(typeof options.steps === 'function' ? { next: toNext(options.steps, common, mistakes) } : {}),
  };
}

/**
 * @param options valid by the schema; contradictions and missing files are reported
 * @returns the client; after a reported mistake it must not be used
 */
export function buildLoad(
  given: LoadOptions,
  conditions: GivenThresholds,
  origin: Origin,
  defaults: LoadDefaults = CONFIG_DEFAULTS,
): LoadClient {
  const mistakes = new Mistakes(origin);
  const range = toRange(given, mistakes);
  const options = {
    ...channelOptions(given, mistakes),
    ...(range === null ? {} : { rate: range.start }),
  };
  const model = toModel(options, mistakes);
  mistakes.exclude('a run ends after either a time or a number of requests', [
    [['duration'], options.duration !== undefined],
    [['requests'], options.requests !== undefined],
    [['stages'], options.stages !== undefined],
  ]);
  checkConnection(options, mistakes);
  const levels = { type: 'duration', duration: toDuration(options.duration ?? LEVEL_DURATION) } as const;
  const limit = range === null ? toLimit(options, model, limitOf(options, defaults.limit)) : levels;
  const warmup = range === null ? 0 : levels.duration * LEVEL_WARMUP;
  const data = toData(options, mistakes);
  const { requests, ...sent } = toWhatIsSent(options, given, model, data, mistakes);
  const named = sent.next === undefined ? requests : null;
  const thresholds = toThresholds(conditions, ['thresholds'], named);
  const abortOn = toThresholds({ texts: options.abortOn ?? [], tell: origin.tell }, ['abortOn'], named);
  const channel = toChannel(given, { data, thresholds, abortOn, origin }, mistakes);
  checkThresholds(conditions, thresholds, options, mistakes);
  const scheme = options.https === true ? 'https' : 'http';
  const load: LoadClient = {
    scheme,
    route: toRoute(options, mistakes),
    protocol: options.http2 === true ? 'http2' : 'http1',
    model,
    limit,
    findRate:
      range === null ? null : { ...range, conditions: toConditions(options, named, origin, mistakes) },
    warmup: toDuration(options.warmup, ms(warmup)),
    workers: toWorkers(options, model, limit, defaults.workers, mistakes),
    timeouts: {
      connect: toDuration(options.connectTimeout ?? LOAD_WORDS.connectTimeout.default),
      response: toDuration(options.timeout ?? LOAD_WORDS.timeout.default),
    },
    keepAlive: options.keepAlive ?? LOAD_WORDS.keepAlive.default,
    pipelining: options.streams ?? options.pipelining ?? pipeliningOf(channel, model),
    requests,
    ...sent,
    channel,
    data,
    tls: toTls(options, scheme, mistakes),
    checkEvery: options.checkEvery ?? LOAD_WORDS.checkEvery.default,
    thresholds,
    abortOn,
    strict: options.strict ?? false,
    saveFailures: toSaveFailures(options, mistakes),
    seed: options.seed ?? defaults.seed,
  };
  if (given.agents === undefined) return load;
  checkAgents(load, given.agents, mistakes);
  return { ...load, agents: toAgents(given.agents, (file) => mistakes.resolve(file)) };
}
