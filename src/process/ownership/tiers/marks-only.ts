/** The tier that is always there: marks, descent and groups, which finders look for; and nothing beyond them. */
import type { OwnershipTier } from '../../../domain/ownership.ts';
import { hasProcessTable } from '../../system/proc.ts';
import { NOBODY } from '../terminate.ts';
import type { Argv, Enclosure, Place, Tier } from './tier.ts';

const PLACE: Place = {
  admit: () => {},
  enter: (argv: Argv) => ({ argv, isDoor: false }),
  strays: () => [],
  leave: () => {},
};

const ENCLOSURE: Enclosure = { placeFor: () => PLACE, close: async () => NOBODY };

export const MARKS_ONLY: Tier = {
  name: (hasProcessTable ? 'finders' : 'process-group') satisfies OwnershipTier,
  open: async () => ENCLOSURE,
  close: async () => NOBODY,
};
