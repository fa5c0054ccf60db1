/** The list of reports. A new one needs a file and a line here; help, checks and completion follow from that. */
import type { Reporter } from './reporter.ts';

export const REPORTERS = {
  ndjson: { writes: 'events', load: async () => (await import('./ndjson.ts')).ndjsonReport },
  json: { writes: 'whole', load: async () => (await import('./json.ts')).jsonReport },
  junit: { writes: 'whole', load: async () => (await import('./junit.ts')).junitReport },
  gitlab: {
    writes: 'problems',
    file: 'gl-code-quality-report.json',
    load: async () => (await import('./gitlab.ts')).gitlabReport,
  },
  badge: {
    writes: 'whole',
    file: 'shakedown-badge.json',
    load: async () => (await import('./badge.ts')).badgeReport,
  },
  html: {
    writes: 'record',
    file: 'shakedown-report.html',
    load: async () => (await import('./html/recorder.ts')).recordHtml,
  },
} as const satisfies Record<string, Reporter>;

/** A report that goes to a file or to standard output. */
export type FileFormat = keyof typeof REPORTERS;

/** These, the one that goes to the terminal, and what GitHub is told. */
export type Format = 'terminal' | 'github' | FileFormat;

export const FORMATS: readonly Format[] = ['terminal', 'github', ...(Object.keys(REPORTERS) as FileFormat[])];
