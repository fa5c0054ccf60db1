/** Masks secrets in a line that is in several styles: a secret may begin in one and end in another. */
import { MASK, secrets } from '../../../core/secrets.ts';
import type { Span } from './colours.ts';

/**
 * @param spans of a line
 * @param isOpen its end was cut off
 * @returns the same spans; the mask of a secret is in the one that it begins in
 */
export function masked(spans: readonly Span[], isOpen: boolean): Span[] {
  const text = spans.map((span) => span.text).join('');
  const places = secrets.placesIn(text, isOpen);
  if (places.length === 0) return [...spans];
  let next = 0;
  let from = 0;
  return spans.map((span) => {
    const to = from + span.text.length;
    let shown = '';
    let at = from;
    for (let place = places[next]; place !== undefined && place.start < to; place = places[next]) {
      if (place.start >= from) shown += `${text.slice(at, place.start)}${MASK}`;
      at = Math.min(place.end, to);
      if (place.end > to) break;
      next += 1;
    }
    shown += text.slice(at, to);
    from = to;
    return { text: shown, style: span.style };
  });
}
