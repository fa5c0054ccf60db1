/** What there is to say against a server that was told to stop, or to restart. */
import type { Finding } from '../../core/finding.ts';
import { formatDuration, plural } from '../../core/units.ts';
import { describeExit, type Exit } from '../../process/system/exit.ts';
import type { Drain } from './component.ts';
import type { DrainFacts } from './conduct.ts';

/** A server is still at work if it has answered so shortly before the time was over, in milliseconds. */
const AT_WORK = 1000;

/** @param lines the timeline, which the first finding shows */
export function judgeDrain(facts: DrainFacts, lines: readonly string[]): Finding[] {
  const findings = [
    ...lost(facts),
    ...early(facts),
    ...(facts.drain.isRestart ? restart(facts) : stop(facts)),
    ...unproven(facts),
  ];
  const [first, ...others] = findings;
  const evidence = lines.filter((line) => line !== '').map((line) => line.replace(/^ {2}/, ''));
  return first === undefined ? notes(facts) : [{ ...first, evidence }, ...others, ...notes(facts)];
}

/** `the first 11 ms after SIGTERM` */
const firstAt = (at: number, { signal }: Drain): string =>
  `the first ${Math.abs(Math.round(at))} ms ${at < 0 ? 'before' : 'after'} ${signal}`;

function lost({ drain, server, departure }: DrainFacts): Finding[] {
  if (departure.lost === 0) return [];
  const [first] = departure.examples;
  const what = drain.isRestart ? 'failed while it restarted' : 'that it had accepted were lost';
  // Of many agents, examples may have been too large to be sent.
  const example = first === undefined ? '' : `; ${firstAt(first.lostMs, drain)}: ${first.message}`;
  return [
    {
      code: 'request-lost',
      message: `${plural(departure.lost, 'request')} to ${server} ${departure.lost === 1 ? what.replace(' were ', ' was ') : what}${example}`,
      count: departure.lost,
    },
  ];
}

/** Agents look at the server as one that leaves from a moment before the signal on: what it did then is no part of that. */
function early({ drain, server, departure: { clocks } }: DrainFacts): Finding[] {
  if (clocks === undefined) return [];
  const { refusedEarlyMs, crossedEarlyMs } = clocks;
  return [
    ...(refusedEarlyMs === null
      ? []
      : [`${server} refused connections, ${firstAt(refusedEarlyMs, drain)}, which it had not got yet`]),
    ...(crossedEarlyMs === null
      ? []
      : [`${server} reset connections, ${firstAt(crossedEarlyMs, drain)}, which it had not got yet`]),
    // Of each only the first is known by its time.
  ].map((message): Finding => ({ code: 'request-failed', message, count: 1 }));
}

function unproven({ drain, server, departure: { inFlight, clocks } }: DrainFacts): Finding[] {
  const doubts = (clocks?.doubts ?? []).map(
    (doubt): Finding => ({
      code: 'drain-unproven',
      message: `it cannot be told ${doubt}`,
      hint: 'try it again on machines that have less to do, or from one machine: without `agents`',
    }),
  );
  if (inFlight > 0) return doubts;
  return [
    ...doubts,
    {
      code: 'drain-unproven',
      message: `no request was in flight when ${server} got ${drain.signal}, so it had none to lose`,
      hint: 'use more connections, a higher rate, or a request that takes longer',
    },
  ];
}

function stop({ drain, server, conduct, departure }: DrainFacts): Finding[] {
  const findings: Finding[] = [];
  const { idle, lastAnsweredMs } = departure;
  if (conduct.doneMs === null) {
    const isAtWork = lastAnsweredMs !== null && lastAnsweredMs > drain.within - AT_WORK;
    const hint = isAtWork
      ? 'it still answers on the connections that it has: answer with `Connection: close` from the signal on'
      : 'if it only needs longer: drain: { within }';
    findings.push({
      code: 'not-drained',
      message: `${server} had not ended ${formatDuration(drain.within)} after ${drain.signal}`,
      withinMs: drain.within,
      hint,
    });
    if (idle.kept > 0)
      findings.push({
        code: 'connection-kept',
        message: `${plural(idle.kept, 'idle connection')} of ${idle.opened} to ${server} ${idle.kept === 1 ? 'was' : 'were'} neither closed nor told within ${formatDuration(drain.within)} after ${drain.signal}`,
        count: idle.kept,
        hint: 'close idle connections on the signal',
      });
  } else if (conduct.exit !== null && !isExpected(conduct.exit.exit, drain.exitCode))
    findings.push(wrongExit(conduct.exit.exit, { drain, server }));
  return findings;
}

/** The signal numbers that shells add to 128 for the death of a process. */
const NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGTERM: 15,
};

const codeOf = (signal: string): number => 128 + (NUMBERS[signal] ?? 0);

/** Whether the exit code is the expected one; a death by a signal has the code that shells give it. */
const isExpected = ({ code, signal }: Exit, expected: number): boolean =>
  signal === null ? code === expected : codeOf(signal) === expected;

/** @param death of a server that was to restart, as it is explained of any service */
export function diedOfRestart(
  death: Finding,
  exit: Exit | null,
  { drain, server }: Pick<DrainFacts, 'drain' | 'server'>,
): Finding {
  const how = exit === null ? 'ended' : describeExit(exit);
  const ofSignal = exit !== null && isExpected(exit, codeOf(drain.signal));
  return {
    ...death,
    message: `${server} ${how} when it got ${drain.signal}, which was to restart it`,
    ...(ofSignal
      ? {
          hint: `it does not handle ${drain.signal}: name the signal that restarts it (drain: { restart: true, signal }), or leave out \`restart\` to test how it stops`,
        }
      : {}),
  };
}

function wrongExit(exit: Exit, { drain, server }: Pick<DrainFacts, 'drain' | 'server'>): Finding {
  const ofSignal = codeOf(drain.signal);
  const hint = isExpected(exit, ofSignal)
    ? `let it handle ${drain.signal} and end by itself; if it does, and then dies of the signal on purpose: drain: { exitCode: ${ofSignal} }`
    : 'look at its log; if that is how it should end: drain: { exitCode }';
  const when = exit.signal === drain.signal ? '' : ` after ${drain.signal}`;
  return {
    code: 'exit-code',
    step: server,
    message: `${server} ${describeExit(exit)}${when}, expected exit code ${drain.exitCode}`,
    exitCode: exit.code,
    signal: exit.signal,
    hint,
  };
}

function restart({ drain, server, conduct }: DrainFacts): Finding[] {
  const { old, fresh, doneMs } = conduct;
  if (doneMs !== null) return [];
  const within = formatDuration(drain.within);
  if (fresh.length > 0 && old.length > 0)
    return [
      {
        code: 'not-drained',
        message: `${plural(old.length, 'process', 'processes')} of ${server} that served before ${drain.signal} (${old.map(({ pid }) => `pid ${pid}`).join(', ')}) had not ended within ${within}`,
        withinMs: drain.within,
      },
    ];
  return [
    {
      code: 'not-restarted',
      message: `${server} was not restarted within ${within}: the processes that serve are the same as before ${drain.signal}`,
      withinMs: drain.within,
      hint: 'check that this is the signal for a reload; a server that is one process cannot replace itself, and needs one that manages it',
    },
  ];
}

function notes({ server, departure }: DrainFacts): Finding[] {
  const { crossed, unaccepted } = departure;
  const findings: Finding[] = [];
  if (crossed > 0)
    findings.push({
      code: 'request-crossed',
      message: `${plural(crossed, 'request')} crossed the end of an idle connection that ${server} closed, unread, and ${crossed === 1 ? 'was' : 'were'} sent again`,
      count: crossed,
    });
  if (unaccepted > 0)
    findings.push({
      code: 'backlog-reset',
      message: `${plural(unaccepted, 'new connection')} to ${server} ${unaccepted === 1 ? 'was' : 'were'} reset in the queue of its listener, before it had accepted ${unaccepted === 1 ? 'it' : 'them'}`,
      count: unaccepted,
    });
  return findings;
}
