import { type Ms, ms, parseDuration } from '../../core/units.ts';

/** For a duration that was validated before. */
export function toDuration(text: string | undefined, fallback: Ms = ms(0)): Ms {
  const parsed = text === undefined ? undefined : parseDuration(text);
  return parsed?.ok === true ? parsed.value : fallback;
}
