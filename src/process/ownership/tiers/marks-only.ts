/** The tier that is always available: marks, ancestry and groups, which finders look for, and nothing else. */
import type { OwnershipTier } from '../../../core/ownership.ts';
import { hasProcessTable } from '../../system/proc.ts';
import { NOBODY } from '../ending.ts';
import type { LimitMark } from '../limit-mark.ts';
import type { Argv, Enclosure, Place, Tier } from './tier.ts';

/** Sets the limit given by its first two arguments, where permitted, then becomes the rest. */
const LIMITED = 'ulimit "$1" -m "$2" 2>/dev/null; shift 2; exec "$@"';

const limited = (argv: Argv, { kind, kib }: LimitMark): Argv => [
  '/bin/sh',
  ...['-c', LIMITED, 'shakedown-enter'],
  ...[kind === 'soft' ? '-S' : '-H', String(kib)],
  ...argv,
];

const PLACE: Place = {
  admit: () => {},
  enter: (argv: Argv, _cwd, limit) => ({
    argv: limit === undefined ? argv : limited(argv, limit),
    isWrapper: false,
  }),
  strays: () => [],
  leave: () => {},
};

const ENCLOSURE: Enclosure = {
  needsLimit: hasProcessTable,
  placeFor: () => PLACE,
  close: async () => NOBODY,
};

/**
 * The tier for the command line of a container engine, which must see the same pids wherever it is called: one without a daemon
 * (Podman) notes those of its containers, and could neither signal nor find them from outside of the namespace that it noted them in.
 */
export const outsideNamespaces = (tier: Tier): Tier => (tier.name === 'pid-namespace' ? MARKS_ONLY : tier);

export const MARKS_ONLY: Tier = {
  name: (hasProcessTable ? 'finders' : 'process-group') satisfies OwnershipTier,
  open: async () => ENCLOSURE,
  close: async () => NOBODY,
};
