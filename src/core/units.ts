import { err, ok, type Result } from './result.ts';

declare const unit: unique symbol;

/** A time span in milliseconds. Branded, so that seconds cannot slip in unnoticed. */
export type Ms = number & { readonly [unit]: 'ms' };

/** Marks a number as milliseconds. */
export const ms = (value: number): Ms => value as Ms;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Parses a duration such as `500ms`, `5s`, `1.5m`, `1h` or `1m30s`.
 *
 * @param text what the user wrote; a bare number is refused, since its unit would be a guess
 * @returns the span in milliseconds, or what is accepted instead
 */
export function parseDuration(text: string): Result<Ms, string> {
  const whole = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
  if (!whole.test(text)) return err(`"${text}" is not a duration; write it as 500ms, 5s, 1m or 1h`);
  let total = 0;
  for (const [, amount, name] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/gy)) {
    total += Number(amount) * (UNITS[name ?? ''] ?? 0);
  }
  if (total <= 0) return err(`"${text}" is not a duration: it must be longer than zero`);
  // Node keeps timers in 32 bits and fires longer ones at once.
  if (total > 2 ** 31 - 1) return err(`"${text}" is too long; the longest duration is 24 days`);
  return ok(ms(total));
}

/** Formats a span for display: `7 ms`, `1.23 s`, `2m 05s`. */
export function formatDuration(span: number): string {
  if (span < 999.5) return `${Math.round(span)} ms`;
  if (span < 59_995) return `${(span / 1000).toFixed(2)} s`;
  const seconds = Math.round(span / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, '0')}m`;
}

/** `1 process`, `2 processes`: a count with its noun. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** More than any measurement has; integers keep all their digits. */
const DIGITS = 9;

/** A `JSON.stringify` replacer that drops meaningless digits. */
export const shortNumbers = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;

/** Data without meaningless digits, as it will be read. */
export const withShortNumbers = <Data>(data: Data): Data =>
  JSON.parse(JSON.stringify(data, shortNumbers)) as Data;
