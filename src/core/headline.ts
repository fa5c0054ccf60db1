/**
 * Picks, from the last lines of a failed program, the one that says what went wrong. A traceback ends with its
 * error, Node prints it in the middle, a compiler starts with it; plain scripts say it last.
 */

/** An error of a compiler, by its place or its number. The first of them is the one to read: it may cause the others. */
const COMPILER_ERROR =
  /^(?:[^\s:(]+(?::\d+(?::\d+)?|\(\d+,\d+\))(?::| -) (?:fatal )?error(?: \w+)?: |error\[\w+\]: )/;

const TELLING: readonly RegExp[] = [
  COMPILER_ERROR,
  // Python, also with a module in front and with notes or a summary after it.
  /^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning|Rejection)(?:: .+)?$/,
  /^(?:assert\b|AssertionError\b|E {3,}\w|FAILED \S+::|Fatal Python error: ).*$/,
  // Node: "TypeError: x", "Error [ERR_X]: y", "AssertionError [ERR_ASSERTION]: z".
  /^(?:Uncaught )?\w*Error(?: \[\w+\])?: .+$/,
  /^thread '.*' (?:\(\d+\) )?panicked at ./,
  /^(?:(?!panicked at ).)*\bpanicked at (?:'.*', )?\S+:\d+:\d+:?$/,
  /^(?:panic|fatal error|fatal|error|Error|ERROR)(?:\[\w+\])?: .+$/,
  /^.+: (?:error|fatal error)(?: \w+)?: ./,
  /^(?:terminate called |not ok \d+|--- FAIL: )/,
  /(?:command not found|: not found|No such file or directory|Permission denied|Segmentation fault|: undefined reference to )/,
];

/** Lines that only announce: what they announce is in the next one. */
const ANNOUNCEMENT = /^(?:(?:.*\b)?panicked at \S+:|terminate called .+|--- FAIL: .+)$/;

/** How Node shows, below an error, the one that caused it; `fetch failed` says nothing without it. */
const NODE_CAUSE = /^\s+\[cause\]: (?=\S)/;

/** Lines that stand last and say nothing. */
const EMPTY_TALK =
  /^(?:Node\.js v\d+|\(Use `node --trace|\s+at |\s*\^+\s*$|\}$|npm (?:error|ERR!|warn|WARN)|note: |\s*File "|Found \d+ errors? in |During handling of|error: (?:aborting due to|could not compile) |collect2: |\.\.\.)/;

/** What npm says of a failure of its own, when nobody else says anything. */
const NPM_CAUSE = /^npm (?:error|ERR!) (?!(?:code|errno|syscall|path) )\S/;

/** A line without its indentation, and without the bars that Python draws beside a group of errors. */
const bare = (line: string): string => line.replace(/^[\s|]+/, '').trim();

/**
 * @param lines the last lines of output, oldest first
 * @returns the line that tells of an error, with the one that it announces or that caused it; undefined when none does
 */
export function errorLine(lines: readonly string[]): string | undefined {
  const spoken = lines.filter((line) => line.trim() !== '');
  const at = spoken.findLastIndex(
    (line) => !EMPTY_TALK.test(line) && TELLING.some((pattern) => pattern.test(bare(line))),
  );
  const found = spoken[at];
  if (found === undefined) return undefined;
  const telling = bare(found);
  if (COMPILER_ERROR.test(telling)) return spoken.map(bare).find((line) => COMPILER_ERROR.test(line));
  const cause = spoken.slice(at).findLast((line) => NODE_CAUSE.test(line));
  if (cause !== undefined)
    return `${telling}, caused by ${cause.replace(NODE_CAUSE, '').replace(/ \{$/, '').trimEnd()}`;
  const next = ANNOUNCEMENT.test(telling) ? spoken[at + 1] : undefined;
  return next === undefined ? telling : `${telling} ${next.trim()}`;
}

/**
 * @param lines the last lines of output of something that is known to have failed, oldest first
 * @returns the line that tells of an error, else the last that says anything; undefined when none does
 */
export function headline(lines: readonly string[]): string | undefined {
  const spoken = lines.filter((line) => line.trim() !== '');
  const last = spoken.findLast((line) => !EMPTY_TALK.test(line));
  return errorLine(spoken) ?? (last ?? spoken.find((line) => NPM_CAUSE.test(line)) ?? spoken[0])?.trim();
}
