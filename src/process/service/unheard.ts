/** How to see the output of a daemon, which is discarded. */
import type { Service } from '../../core/suite.ts';

export const DISCARDED = "a daemon's output is discarded";

/** What to write in the config to see it. */
export const howToHear = ({ foreground }: Service): string =>
  foreground === null
    ? 'run it in the foreground, without daemon: true, to see what it says'
    : '`shakedown --foreground` shows it';
