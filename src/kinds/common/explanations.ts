import type { Chapter } from '../../core/explanation.ts';
import type { COMMON_FINDINGS } from './findings.ts';

/** A chapter with some of the codes: that all have a text is tested. */
type PartOf<Findings extends object> = Pick<Chapter, 'title'> & {
  texts: Partial<Chapter<Findings>['texts']>;
};

export const COMMON_THREADS = {
  title: 'Threads',
  texts: {
    'lost-error': {
      means:
        'Errors in threads, futures, tasks or promises of a script were never retrieved, or failing exit codes of its workers were ignored.',
      why: 'The script exits with code 0 although something in it failed, often an assertion.',
      fix: 'Ask every future for its result, await every promise, and check how workers exit; see [Threads](threads.md#python). `--raw` runs a folder’s `thread` without this check.',
    },
  },
} as const satisfies PartOf<typeof COMMON_FINDINGS>;

export const COMMON_PACKAGES = {
  title: 'Packages',
  texts: {
    'entries-left-out': {
      means: 'Some entry points do not work here, perhaps on purpose: those for browsers, say.',
      why: 'They were not tried any further.',
      fix: 'See whether that is meant.',
    },
    'entries-untried': {
      means:
        'Some entry points were not tried because too many before them ended the process that loaded them.',
      why: 'Nothing is known about those.',
      fix: 'Start programs with `#!`, or keep them out of `exports`.',
    },
    'other-runtime': {
      means:
        'The module cannot be tried in Node.js because it needs another runtime (Bun, Deno, Cloudflare Workers, Electron, a browser).',
      why: 'A failure would say nothing about it.',
      fix: 'Try it with a `command` in the runtime it is made for.',
    },
  },
} as const satisfies PartOf<typeof COMMON_FINDINGS>;
