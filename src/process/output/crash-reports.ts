import { TRACEBACK } from '../../core/traceback.ts';
import type { Watch } from './watch.ts';

const UNHANDLED_REJECTION =
  /^(?:\(node:\d+\) |\[)?UnhandledPromiseRejection(?:Warning)?: (?!Unhandled promise rejection\.)|^[ \t]+triggerUncaughtException\(/;

/** The first line that Node prints about an uncaught error: the place in the source, such as `/srv/client.js:7`. */
const NODE_PLACE = /^(?:file:\/\/|\/|node:|\[).*:\d+$/;
const NODE_LAST_WORDS = /^(?:\s+at |\}$|\(Use `node --trace-uncaught )/;

/** Node's report of an uncaught error ends with a blank line and its version, which scripts may print as well. */
function uncaughtInNode(above: readonly string[]): number | undefined {
  if (above.at(-1) !== '' || !NODE_LAST_WORDS.test(above.at(-2) ?? '')) return undefined;
  const start = above.findLastIndex((line) => NODE_PLACE.test(line));
  const report = above.slice(Math.max(0, start));
  return report.some((line) => UNHANDLED_REJECTION.test(line)) ? undefined : report.length;
}

/**
 * What a crash report looks like in the output of a program, in the languages that people ship. Lines are matched one
 * at a time, without their ends. Each expression takes time proportional to the line, whatever its content
 * (`test/unit/patterns.test.ts`): output is hostile.
 *
 * A script can print one of these and still exit with code 0: a thread pool whose results nobody reads, a subprocess
 * whose status is ignored, a trap that swallows it. So exit code 0 alone is not trusted.
 */
export const CRASH_REPORTS: readonly Watch[] = [
  {
    name: 'Python traceback',
    regex: TRACEBACK,
    extent: 'traceback',
    requiredText: ['Traceback (most recent call last):'],
  },
  {
    name: 'Python fatal error',
    regex: /^Fatal Python error: /,
    extent: 6,
    requiredText: ['Fatal Python error: '],
  },
  {
    name: 'Python debug-malloc report',
    regex: /^Debug memory block at address p=/,
    extent: 8,
    requiredText: ['Debug memory block at address p='],
  },
  {
    name: 'Rust panic',
    // The place alone is enough: WebAssembly names no thread, and a log adds a prefix.
    regex:
      /^(?:thread '.*' (?:\(\d+\) )?panicked at |(?:(?!panicked at ).)*panicked at (?:'.*', )?\S+:\d+:\d+:?$)/,
    extent: 2,
    requiredText: ['panicked at '],
  },
  {
    name: 'Go panic',
    regex:
      /^(?:panic: |fatal error: (?=all goroutines|concurrent map|unexpected signal|stack overflow|sync: ))/,
    extent: 5,
    requiredText: ['panic: ', 'fatal error: '],
  },
  { name: 'Go data race', regex: /^WARNING: DATA RACE$/, extent: 8, requiredText: ['WARNING: DATA RACE'] },
  {
    name: 'sanitizer report',
    regex:
      /^(?:=+\d+=+ ?)?(?:ERROR|WARNING): (?:Address|Leak|Memory|Thread|HWAddress|UndefinedBehavior)Sanitizer/,
    extent: 8,
    requiredText: ['Sanitizer'],
  },
  {
    name: 'undefined-behaviour report',
    regex: /^\S+:\d+:\d+: runtime error: /,
    extent: 1,
    requiredText: [': runtime error: '],
  },
  {
    name: 'glibc malloc report',
    regex:
      /^(?:[\w./-]+: )?(?:(?:free|malloc|realloc|munmap_chunk|malloc_consolidate)\(\): \w|double free or corruption|corrupted (?:size vs\. prev_size|double-linked list)|\*\*\* (?:stack smashing|buffer overflow) detected \*\*\*)/,
    extent: 1,
    requiredText: [
      'free(): ',
      'alloc(): ',
      'munmap_chunk(): ',
      'malloc_consolidate(): ',
      'double free or corruption',
      'corrupted size vs. prev_size',
      'corrupted double-linked list',
      ' detected ***',
    ],
  },
  {
    name: 'valgrind report',
    regex:
      /^==\d+== (?:(?:Invalid|Mismatched) (?:read|write|free)|(?:Conditional jump or move depends on|Use of|Syscall param .* points to) uninitialised|Process terminating with default action of signal)/,
    extent: 6,
    requiredText: [
      '== Invalid ',
      '== Mismatched ',
      '== Conditional jump',
      '== Use of uninitialised',
      '== Syscall param ',
      '== Process terminating',
    ],
  },
  {
    name: 'failed assertion',
    regex: /: Assertion `[^`]*' failed\.$/,
    extent: 1,
    requiredText: [': Assertion `'],
  },
  {
    name: 'uncaught C++ exception',
    regex: /^(?:terminate called (?:after throwing|without an active exception)|libc\+\+abi: terminating )/,
    extent: 2,
    requiredText: ['terminate called ', 'libc++abi: terminating '],
  },
  {
    name: 'unhandled promise rejection',
    regex: UNHANDLED_REJECTION,
    extent: 6,
    requiredText: ['UnhandledPromiseRejection', 'triggerUncaughtException('],
  },
  {
    name: 'Node.js uncaught error',
    regex: /^Node\.js v\d+\.\d+\.\d+/,
    extent: 1,
    requiredText: ['Node.js v'],
    leadIn: uncaughtInNode,
  },
  {
    name: 'V8 fatal error',
    regex: /^(?:FATAL ERROR: |# Fatal error in )/,
    extent: 3,
    requiredText: ['FATAL ERROR: ', '# Fatal error in '],
  },
  {
    name: 'Java uncaught exception',
    regex: /^Exception in thread "[^"]*" /,
    extent: 'indented',
    requiredText: ['Exception in thread "'],
  },
  {
    name: '.NET unhandled exception',
    regex: /^Unhandled exception\. /,
    extent: 'indented',
    requiredText: ['Unhandled exception. '],
  },
  {
    name: 'crash told by the shell',
    regex:
      /^(?:(?:Segmentation fault|Bus error|Illegal instruction|Aborted \(core dumped\))(?: |$)|.*: (?:line \d+: +)?\d+ (?:Aborted|Segmentation fault|Bus error|Illegal instruction) {2,})/,
    extent: 1,
    requiredText: [
      'Segmentation fault',
      'Bus error',
      'Illegal instruction',
      'Aborted (core dumped)',
      'Aborted  ',
    ],
  },
];
