import { clock } from '../../domain/clock.ts';
import type { Finding } from '../../domain/finding.ts';
import type { LoadClient, LoadPlan, LoadResult } from '../../domain/load.ts';
import type { Standing } from '../../domain/standing.ts';
import { stopReason } from '../../domain/stop-reason.ts';
import { formatDuration, plural } from '../../domain/units.ts';
import { runLoad } from '../../load/run.ts';
import { sampleTree } from '../../process/system/resources.ts';
import { acceptingAddresses } from '../../process/system/sockets.ts';
import type { ComponentContext } from '../context.ts';

const CONNECT_WITHIN = 1000;

function describe({ target, requests, model, limit }: LoadPlan): string {
  const [{ path }] = requests;
  const end = limit.type === 'requests' ? plural(limit.requests, 'request') : formatDuration(limit.duration);
  const how =
    model.type === 'closed' ? plural(model.connections, 'connection') : `${model.rate} requests a second`;
  return `load ${new URL(target.url).origin}${path} (${end}, ${how})`;
}

function summarise({ counts, rate, latencyUs }: LoadResult): string {
  const failed = counts.failed + counts.timedOut;
  const latency = latencyUs.response;
  const tail =
    latency === null
      ? ''
      : `, p50 ${(latency.p50 / 1000).toFixed(2)} ms, p99 ${(latency.p99 / 1000).toFixed(2)} ms`;
  return `${plural(counts.checked, 'response')} checked, ${failed} failed, ${Math.round(rate.achieved)} a second${tail}`;
}

/**
 * The built-in client as a step of a component: it sends, checks every response, measures, and judges.
 *
 * @param pid of the service that is tried; what its processes use is measured along
 */
export async function runLoadClient(
  load: LoadClient,
  port: number,
  pid: number,
  context: ComponentContext,
): Promise<Finding[]> {
  const startedAt = clock.now();
  // Tried, not looked up: the name may stand for one address family, and the server listen on the other.
  const [address = '127.0.0.1'] = await acceptingAddresses(port, CONNECT_WITHIN);
  const url = `http://localhost:${port}/`;
  const plan: LoadPlan = { ...load, target: { url, address, unixSocket: null, localAddress: null } };
  const result = await runLoad(plan, {
    version: '',
    signal: context.signal,
    sampleTarget: () => sampleTree(pid),
  });
  const durationMs = clock.now() - startedAt;
  const command = describe(plan);
  const examples = result.findings.flatMap(({ message, evidence = [] }) => [message, ...evidence]);
  const lines = [command, summarise(result), ...examples];
  context.log.write('client', Buffer.from(`${lines.join('\n')}\n`));
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
  return judge(result, await context.standing(), context);
}

function judge(result: LoadResult, standing: Standing | undefined, context: ComponentContext): Finding[] {
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
  return result.findings.map((finding) => ({ ...finding, step: 'client' }));
}
