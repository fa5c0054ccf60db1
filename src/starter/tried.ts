/** The outcome of trying a server, and how it changes a proposal. Pure. */
import type { ComponentOptions } from '../config/options.ts';
import type { Finding } from '../core/finding.ts';
import type { ServiceOptions } from '../kinds/common/service-options.ts';
import type { HttpOptions } from '../kinds/http/options.ts';
import type { LoadOptions } from '../load/options/options.ts';
import type { Proposal } from './proposal.ts';

/** The answer to a GET; null if it was not HTTP. */
export interface Answer {
  readonly path: string;
  readonly status: number | null;
}

export type Tried =
  | {
      readonly type: 'ready';
      readonly port: number;
      /** Milliseconds from its start. */
      readonly afterMs: number;
      readonly answers: readonly Answer[];
      /** It ignored the signal that asks it to end. */
      readonly isKilled: boolean;
    }
  /** It runs, but listens on a port other than the one it was told. */
  | { readonly type: 'elsewhere'; readonly port: number }
  /** It did not start, did not answer, or did not end. */
  | { readonly type: 'failed'; readonly finding: Finding; readonly logFile: string | null }
  /** It could not be tried, through no fault of its own: its port was taken, say. */
  | { readonly type: 'untried'; readonly why: string }
  /** The user interrupted it. */
  | { readonly type: 'interrupted'; readonly signal: NodeJS.Signals };

/** The outcome of running a component as it will be written. */
export type Rehearsed =
  | { readonly type: 'passed'; readonly afterMs: number }
  | { readonly type: 'failed'; readonly finding: Finding; readonly logFile: string | null }
  | { readonly type: 'untried'; readonly why: string }
  /** It ran out of time. */
  | { readonly type: 'unfinished' };

const isGood = ({ status }: Answer): boolean => status !== null && status >= 200 && status < 400;
const isPlain = ({ status }: Answer): boolean => status !== null && status >= 200 && status < 300;

/** The only service of a proposed component. */
export function serverOf({ server, services = {} }: HttpOptions): ServiceOptions | undefined {
  return server ?? Object.values(services)[0];
}

/** The same component with its only service changed. */
export function withServer(
  options: HttpOptions,
  change: (server: ServiceOptions) => ServiceOptions,
): HttpOptions {
  if (options.server !== undefined) return { ...options, server: change(options.server) };
  const services = Object.entries(options.services ?? {}).map(([name, service]) => [name, change(service)]);
  return { ...options, services: Object.fromEntries(services) };
}

/** A component whose server has been tried, as it will be written. */
function fitted(options: HttpOptions, answers: readonly Answer[], isLoad: boolean): HttpOptions {
  const better = withServer(options, (server) => withReadiness(server, answers.find(isGood)));
  return isLoad ? { ...better, client: loadOf(options.client, answers) } : better;
}

/** An existing condition is kept: it was not just a default. */
function withReadiness(server: ServiceOptions, good: Answer | undefined): ServiceOptions {
  return server.ready !== undefined || good === undefined
    ? server
    : { ...server, ready: { http: good.path } };
}

/** The load requests a path that succeeded; if there is none, the status that was seen is expected. */
function loadOf(client: HttpOptions['client'], answers: readonly Answer[]): HttpOptions['client'] {
  const chosen =
    answers.find(isPlain) ?? answers.find(isGood) ?? answers.find(({ status }) => status !== null);
  if (chosen?.status == null) return client;
  return { ...(client as LoadOptions), path: chosen.path, expect: { status: chosen.status } };
}

const withComponent = (proposal: Proposal, name: string, options: ComponentOptions): Proposal => ({
  ...proposal,
  suite: { ...proposal.suite, components: { ...proposal.suite.components, [name]: options } },
});

const withComment = (proposal: Proposal, path: string, text: string): Proposal => ({
  ...proposal,
  comments: { ...proposal.comments, [path]: text },
});

/**
 * @param name of the component that was tried
 * @returns the proposal as it will be written, or tried once more
 */
export function adapt(proposal: Proposal, name: string, tried: Tried): Proposal {
  const options = proposal.suite.components[name];
  if (options?.kind !== 'http') return proposal;
  if (tried.type === 'elsewhere') {
    const moved = withServer(options, (server) => ({ ...server, port: tried.port }));
    const comment = `It listens on port ${tried.port}, whatever PORT says.`;
    return withComment(withComponent(proposal, name, moved), `components.${name}.server`, comment);
  }
  if (tried.type !== 'ready') return proposal;
  const isLoad = proposal.trials[name]?.isLoad === true;
  const better = withComponent(proposal, name, fitted(options, tried.answers, isLoad));
  if (!isLoad || tried.answers.some(isGood)) return better;
  return withComment(
    better,
    `components.${name}.client`,
    'No path was found that succeeds: put one here, with the status you expect.',
  );
}

/**
 * @param name of the component, or `setup`
 * @param within the time limit, in words
 * @returns the proposal as it will be written
 */
export function settle(proposal: Proposal, name: string, rehearsed: Rehearsed, within: string): Proposal {
  if (rehearsed.type === 'passed') return proposal;
  const what =
    rehearsed.type === 'failed'
      ? `failed when it was tried: ${rehearsed.finding.message}`
      : rehearsed.type === 'untried'
        ? `was not tried yet: ${rehearsed.why}`
        : `was not tried to its end: it took more than ${within}`;
  const options = proposal.suite.components[name];
  if (options === undefined || !proposal.extras.includes(name))
    return { ...proposal, notes: [...proposal.notes, `"${name}" ${what}`] };
  const comment = `It ${what}. So it only runs when named: shakedown ${name}.`;
  return withComment(
    withComponent(proposal, name, { ...options, onlyWhenNamed: true }),
    `components.${name}`,
    comment,
  );
}
