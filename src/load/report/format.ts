/** Formats the numbers of a load for people. */

const round = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** @param us microseconds; shown with three digits: `7 µs`, `1.23 ms`, `45.6 ms`, `3.00 s` */
export function formatTime(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${round(us / 1000)} ms`;
  return us < 99_950_000 ? `${round(us / 1_000_000)} s` : `${(us / 60_000_000).toFixed(1)} min`;
}

/** A latency; `≥` marks a lower bound. */
export const showTime = <Name extends string>(
  latency: { readonly [Each in Name]: number } & { readonly atLeast: readonly string[] },
  name: Name,
): string => `${latency.atLeast.includes(name) ? '≥ ' : ''}${formatTime(latency[name])}`;

/** A count with separators: `12,345`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** A rate: `12,345/s`, `1.23/s`. */
export const formatRate = (rate: number): string =>
  rate >= 100 ? `${formatCount(Math.round(rate))}/s` : `${Number(rate.toFixed(2))}/s`;

/** In powers of ten: `512 B`, `1.23 MB`. */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes);
  if (size < 999.5) return `${Math.round(bytes)} B`;
  if (size < 999_500) return `${round(bytes / 1000)} KB`;
  return size < 999_500_000 ? `${round(bytes / 1_000_000)} MB` : `${round(bytes / 1e9)} GB`;
}

/** @param share from 0 to 1: `12 %`, `0.3 %` */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? Number(percent.toPrecision(2)) : Math.round(percent)} %`;
}

const SPARKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Draws values as a row of bars from zero; null is a gap. */
export function sparkline(values: readonly (number | null)[]): string {
  const most = Math.max(...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null) return ' ';
      const level = most === 0 ? 0 : Math.round((value / most) * (SPARKS.length - 1));
      return SPARKS[level] ?? '';
    })
    .join('');
}
