/** The tier that is always there: marks, descent and groups, which finders look for; and nothing beyond them. */
import type { OwnershipTier } from '../../../domain/ownership.ts';
import { hasProcessTable } from '../../system/proc.ts';
import { NOBODY } from '../terminate.ts';
import type { Argv, Enclosure, Place, Tier } from './tier.ts';

/** Gives itself the limit that is its first argument, where that is permitted, and becomes the rest. */
const LIMITED = 'ulimit -S -m "$1" 2>/dev/null; shift; exec "$@"';

const PLACE: Place = {
  admit: () => {},
  enter: (argv: Argv, _cwd, limit) => ({
    argv: limit === undefined ? argv : ['/bin/sh', '-c', LIMITED, 'shakedown-enter', String(limit), ...argv],
    isDoor: false,
  }),
  strays: () => [],
  leave: () => {},
};

const ENCLOSURE: Enclosure = {
  needsLimit: hasProcessTable,
  placeFor: () => PLACE,
  close: async () => NOBODY,
};

export const MARKS_ONLY: Tier = {
  name: (hasProcessTable ? 'finders' : 'process-group') satisfies OwnershipTier,
  open: async () => ENCLOSURE,
  close: async () => NOBODY,
};
