/** Faults that never happened: nobody has shown to survive them. */
import type { Finding } from '../core/finding.ts';
import { describeFault, type HttpFault, type ProxyReport } from '../core/http-fault.ts';

/** A service with faults before it. */
export interface Faulty {
  readonly service: string;
  /** Who uses it, as a part of a sentence: `the client`. */
  readonly who: string;
  /** Its own; undefined if it has none yet. */
  readonly port: number | undefined;
  /** The variable that names the port of the proxy. */
  readonly variable: string;
  /** As the proxy has been told of them. */
  readonly faults: readonly HttpFault[];
}

/** One finding for each fault that has changed nothing. */
export function unusedFaults(faulty: Faulty, report: ProxyReport): Finding[] {
  const { service, who, faults } = faulty;
  return faults.flatMap((fault, index): Finding[] => {
    if (fault.type === 'none' || (report.changedBy[index] ?? 0) > 0) return [];
    return [
      {
        code: 'fault-unused',
        step: service,
        message: `the fault ${describeFault(fault)} never happened between ${who} and ${service}: ${whyNot(report)}`,
        hint: hintFor(report, faulty),
        fault: fault.type,
        answers: report.answers,
      },
    ];
  });
}

function whyNot({ connections, answers, opaque }: ProxyReport): string {
  if (connections === 0) return 'nobody connected to the proxy';
  if (answers === 0) return 'no answer came through the proxy';
  const isUnread = opaque.tls + opaque.http2 + opaque.upgrades > 0;
  return `none of ${answers} answers was changed${isUnread ? ', and connections with TLS, HTTP/2 or WebSocket are not read' : ''}`;
}

function hintFor({ connections, bypassed }: ProxyReport, { port, variable }: Faulty): string {
  if (connections === 0 && (bypassed?.connections ?? 0) > 0)
    return `the client connected to port ${port} directly: give it its port by $PORT, by the environment variable PORT, or as an argument`;
  if (connections === 0) return `check that the port that it is given is used: $${variable}`;
  return 'check `match`, `every` and `first` of the fault, and that there are such answers; otherwise leave the fault out';
}
