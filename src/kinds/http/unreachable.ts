/** Faults that the control has shown to be impossible, and why. */
import type { Finding } from '../../core/finding.ts';
import type { ProxyReport } from '../../core/http-fault.ts';
import type { Unreachable } from '../sabotage.ts';
import type { HttpComponent } from './component.ts';
import { FAULTS } from './fault-list.ts';

/**
 * The client passed, and the proxy saw nothing of it.
 *
 * @param obstacle why it cannot be tried in a network of its own
 */
export function pastTheProxy(
  component: HttpComponent,
  report: ProxyReport | undefined,
  obstacle?: Finding,
): Unreachable[] {
  const seen = report?.bypassed?.connections ?? 0;
  const past =
    seen > 0
      ? `the client talks to ${component.target} past the proxy`
      : `the client never talked to ${component.target} through the proxy`;
  const { reason, instead } =
    obstacle === undefined ? { reason: past, instead: '' } : inItsOwnNetwork(past, obstacle);
  return FAULTS.filter(({ isDemanded }) => isDemanded).map(({ word }) => ({
    fault: word,
    subject: null,
    isDemanded: true,
    reason,
    advice: `have the client use the port that it is given: $PORT, or by convention its first argument, instead of one of its own${instead}`,
  }));
}

/** Why a client that goes past the proxy cannot be kept from it, and what else can be done. */
function inItsOwnNetwork(past: string, { code, message }: Finding): { reason: string; instead: string } {
  if (code === 'machine-trouble')
    return {
      reason: `${past}, and ${message}`,
      instead: '; or prove it as root, or where user namespaces are permitted',
    };
  return {
    reason: `${past}, and fails in a network namespace of its own: ${message}`,
    instead: '; or make what it needs there a service of the suite',
  };
}

const PROTOCOLS = [
  ['tls', 'TLS'],
  ['http2', 'HTTP/2'],
  ['upgrades', 'WebSocket'],
] as const;

/** All connections were passed on unread: only faults of connections can happen, and only they can be demanded. */
export function unread({ seen, opaque }: ProxyReport): Unreachable[] {
  const protocols = PROTOCOLS.filter(([name]) => opaque[name] > 0).map(([, word]) => word);
  if (seen.length > 0 || protocols.length === 0) return [];
  const ofAnswers = FAULTS.filter(({ needs, isDemanded }) => isDemanded && needs !== 'connections');
  const [first, ...others] = ofAnswers.map(({ word }) => word);
  if (first === undefined) return [];
  const passed = protocols.join(' and ');
  return [
    {
      fault: first,
      subject: null,
      isDemanded: false,
      reason: `the proxy passes ${passed} through: only faults of connections are tried, not this one, ${others.join(', ')}`,
      advice: 'give the service a port with plain HTTP/1.1 in the suite, to have its answers broken as well',
    },
  ];
}

/** Faults that give an earlier answer, if none would have made a difference. */
export function withoutAlternative({ alternatives }: ProxyReport): Unreachable[] {
  const about = { subject: null, isDemanded: false } as const;
  const { other = true, stale = true } = alternatives ?? {};
  const noOther: Unreachable = {
    ...about,
    fault: 'other-answer',
    reason: 'no two requests had different answers',
    advice: 'have the client ask for more than one thing',
  };
  const noStale: Unreachable = {
    ...about,
    fault: 'stale-answer',
    reason: 'no request was answered in two different ways',
    advice: 'have the client ask again for what it has changed, if the service can change something',
  };
  return [...(other ? [] : [noOther]), ...(stale ? [] : [noStale])];
}
