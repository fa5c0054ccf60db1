/** What nobody hears: the output of a daemon is discarded. */
import { type Service, showCommand } from '../../core/suite.ts';

export const DISCARDED = "a daemon's output is discarded";

/** The script of a folder; by convention it serves in the foreground unless told otherwise. */
const BY_CONVENTION = './http';

/** What to write to see what a daemon says. */
export function howToHear({ command, foreground }: Service): string {
  const isConvention =
    foreground?.type === 'argv' &&
    foreground.argv[0] === BY_CONVENTION &&
    showCommand(command) === `${showCommand(foreground)} --daemon`;
  if (isConvention) return '`shakedown --foreground` shows it';
  const other = foreground === null ? '' : ` (${showCommand(foreground)})`;
  return `run it in the foreground${other}, without daemon: true, to see what it says`;
}
