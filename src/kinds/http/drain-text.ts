/** The time around the end of a server, as lines. */
import { visible } from '../../core/harmless.ts';
import type { LoadDeparture } from '../../core/load-departure.ts';
import { formatDuration, ms, plural } from '../../core/units.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { Drain } from './component.ts';
import type { Conduct, DrainFacts } from './conduct.ts';

/** How many lost requests are shown one by one. */
const SHOWN = 10;
const WIDTH = 10;

/** `+120 ms`, `−3.4 ms` */
const place = (at: number): string => {
  const text =
    Math.abs(at) < 1000 ? `${Math.abs(at).toFixed(1)} ms` : `${(Math.abs(at) / 1000).toFixed(2)} s`;
  return `${at < 0 ? '−' : '+'}${text}`;
};

const row = (at: number | null, text: string): string =>
  `  ${(at === null ? '' : place(at)).padStart(WIDTH)}  ${text}`;

const idleText = ({ idle }: LoadDeparture): string =>
  `${plural(idle.opened, 'idle connection')} closed, or told`;

/** @returns a heading, and what happened in the order in which it did */
export function drainLines({ drain, server, conduct, departure }: DrainFacts): string[] {
  const { lastConnectedMs, lastAnsweredMs, idle, answered, clocks } = departure;
  // Agents count from when it was due, and it is sent a moment later.
  const since = clocks === undefined ? 'after the signal' : 'since the appointed time';
  const afterMs = clocks === undefined ? conduct.afterMs : departure.toldMs;
  const happened: [number, string][] = [];
  if (lastConnectedMs !== null) happened.push([lastConnectedMs, 'last connection established']);
  if (lastAnsweredMs !== null)
    happened.push([lastAnsweredMs, `last answer, of ${answered.toLocaleString('en-US')} ${since}`]);
  if (idle.closedMs !== null) happened.push([idle.closedMs, idleText(departure)]);
  if (conduct.exit !== null)
    happened.push([conduct.exit.atMs, `${server} ${describeExit(conduct.exit.exit)}`]);
  if (conduct.doneMs !== null) happened.push([conduct.doneMs, doneText(drain, conduct)]);
  for (const { message, sentMs, lostMs } of departure.examples.slice(0, SHOWN))
    happened.push([
      lostMs,
      `lost: ${visible(message)}${sentMs === null ? '' : ` (sent at ${place(sentMs)})`}`,
    ]);
  const more = departure.lost - Math.min(departure.examples.length, SHOWN);
  return [
    '',
    `  ${drain.signal} to ${conduct.told} after ${formatDuration(ms(afterMs))} of load, ${plural(departure.inFlight, 'request')} in flight`,
    ...happened.sort(([a], [b]) => a - b).map(([at, text]) => row(at, text)),
    ...(more > 0 ? [row(null, `and ${plural(more, 'more lost request')}`)] : []),
    ...(conduct.doneMs === null
      ? [
          row(
            drain.within,
            drain.isRestart ? 'its processes had not been replaced' : `${server} was still running`,
          ),
        ]
      : []),
    ...countLines(departure),
    ...clockLines(departure),
  ];
}

const doneText = ({ isRestart }: Drain, { fresh }: Conduct): string =>
  isRestart
    ? `replaced: ${fresh.map(({ pid }) => `pid ${pid}`).join(', ')} serve instead`
    : 'nothing of it is left';

function countLines({ refused, crossed, unaccepted }: LoadDeparture): string[] {
  const parts = [
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(crossed > 0 ? [`${crossed} crossed the end of an idle connection`] : []),
    ...(unaccepted > 0 ? [`${unaccepted} reset in the queue of the listener`] : []),
  ];
  return parts.length === 0 ? [] : [row(null, `not lost: ${parts.join(', ')}`)];
}

function clockLines({ clocks }: LoadDeparture): string[] {
  if (clocks === undefined) return [];
  return [row(null, `by clocks that agree to ${Math.ceil(clocks.withinMs)} ms`)];
}
