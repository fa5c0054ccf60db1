/** What was printed when it happened; and of a run that has not ended, how far it came. */
import { asLine, visible, visibleAll } from '../core/harmless.ts';
import { advance, INITIAL_STATE } from '../report/state.ts';
import { cutLines, linesOf } from '../report/terminal/lines.ts';
import { createPaint } from '../text/paint.ts';
import type { OpenReport } from './open-report.ts';
import { wantsColor } from './terminal-report.ts';

/** @param stream where what a terminal would have shown of a run is written, from its events */
export function openPastTerminal(stream: NodeJS.WriteStream, cwd: string): OpenReport {
  const options = { paint: createPaint(wantsColor(stream, process.env)), cwd: visible(cwd) };
  const write = (lines: readonly string[]): void => {
    for (const line of lines) stream.write(`${asLine(line)}\n`);
  };
  let state = INITIAL_STATE;
  return {
    sink: (stamped) => {
      const event = visibleAll(stamped);
      state = advance(state, event);
      write(linesOf(event, state, options));
    },
    finish: async () => {
      if (state.finished === null) write(cutLines(state, options));
      return undefined;
    },
  };
}
