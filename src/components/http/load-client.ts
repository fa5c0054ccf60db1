import { clock } from '../../domain/clock.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Standing } from '../../domain/standing.ts';
import { stopReason } from '../../domain/stop-reason.ts';
import type { LoadClient } from '../../domain/suite.ts';
import { formatDuration, plural } from '../../domain/units.ts';
import { type LoadCounts, sendLoad } from '../../load/closed-loop.ts';
import { acceptingAddresses } from '../../process/system/sockets.ts';
import type { ComponentContext } from '../context.ts';

const CONNECT_WITHIN = 1000;

/** The built-in client as a step of a component: it sends, checks every response, and judges the counts. */
export async function runLoadClient(
  load: LoadClient,
  port: number,
  context: ComponentContext,
): Promise<Finding[]> {
  const startedAt = clock.now();
  // Tried, not looked up: the name may stand for one address family, and the server listen on the other.
  const [host = 'localhost'] = await acceptingAddresses(port, CONNECT_WITHIN);
  const counts = await sendLoad(load, { host, port }, context.signal);
  const durationMs = clock.now() - startedAt;
  const limit =
    load.limit.type === 'requests'
      ? plural(load.limit.requests, 'request')
      : formatDuration(load.limit.duration);
  const command = `load http://localhost:${port}${load.path} (${limit}, ${plural(load.connections, 'connection')})`;
  const summary = `${plural(counts.completed, 'response')} checked, ${counts.failed} failed, ${Math.round((counts.completed / durationMs) * 1000)} a second`;
  context.log.write(
    'client',
    Buffer.from(`${command}\n${summary}\n${counts.examples.map((line) => `${line}\n`).join('')}`),
  );
  context.emit({
    type: 'step-finished',
    component: context.component,
    step: 'client',
    command,
    exitCode: null,
    signal: null,
    durationMs,
    lines: 0,
  });
  return judge(counts, await context.standing(), context);
}

function judge(counts: LoadCounts, standing: Standing | undefined, context: ComponentContext): Finding[] {
  const reason = stopReason(context.signal);
  if (reason?.type === 'timeout' && standing !== undefined) {
    return [
      {
        code: 'timeout',
        step: 'client',
        message: `the client did not end within ${formatDuration(reason.limit)} and was ended`,
        limitMs: reason.limit,
        ...standing,
      },
    ];
  }
  if (reason !== undefined) return [];
  if (counts.failed > 0) {
    const first = counts.examples[0] ?? 'no example was kept';
    return [
      {
        code: 'unexpected-response',
        step: 'client',
        message: `${plural(counts.failed, 'request')} of ${counts.failed + counts.completed} failed: ${first}`,
        evidence: counts.examples,
        count: counts.failed,
      },
    ];
  }
  if (counts.completed === 0)
    return [{ code: 'zero-work', step: 'client', message: 'the client completed no request at all' }];
  return [];
}
