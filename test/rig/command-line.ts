/** The commands and options of the program, of which none is called. */
import { createProgram } from '../../src/cli/commands.ts';
import { LastResort } from '../../src/cli/last-resort.ts';
import { Clock } from '../../src/core/clock.ts';

export const COMMAND_LINE = createProgram(
  {
    ...{ version: '1.2.3', cwd: '/', library: '', reaper: '', commands: [] },
    ...{ lastResort: new LastResort('1.2.3', () => {}), clock: new Clock() },
  },
  async () => {},
);
