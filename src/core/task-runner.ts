/**
 * What a task runner adds to the output of its commands: each command before it runs, and at the end that one has failed.
 * The reason is between the two, if the command gave one.
 */

/** Lines saying that a command failed, and how. Group 1: the task; group 2: the exit code, if there is one. */
const ENDINGS: readonly RegExp[] = [
  // make: "make[1]: *** [Makefile:17: smoke] Error 1"; without the place before 4.0; a signal is given by name.
  /^(?:[\w./-]{0,40}make(?:\[\d{1,4}\])?): (?:\*\*\* )?\[(?:[^\]: ]+:\d{1,9}: )?([^\]: ]+)\] (?:Error (\d{1,3})|[A-Z][\w ]{1,40}(?: \(core dumped\))?)(?: \(ignored\))?$/,
  /^\*\*\* (?:\[()[^\]]+\] )?Error code (\d{1,3})$/,
  /^error: [Rr]ecipe `([^`]+)` (?:failed|was terminated)(?: on line \d{1,9})?(?: with exit code (\d{1,3})| by signal \d{1,3})/,
  /^task: Failed to run task "([^"]+)": exit status (\d{1,3})$/,
  // yarn, pnpm, bun, composer; npm is recognised by its prefix.
  /^error Command failed with() exit code (\d{1,3})\.$/,
  /^(?:\[ELIFECYCLE\]| ?ELIFECYCLE ) ?Command failed with() exit code (\d{1,3})\.$/,
  /^error: script "([^"]+)" (?:exited with code (\d{1,3})|was terminated by signal )/,
  /^Script [^ ].* handling the (\S+) event returned with error code (\d{1,3})$/,
  // nox, tox, ninja, cargo-make, rake.
  /^nox > Command .* failed with()(?: exit code)? (\d{1,3})$/,
  /^([\w.-]{1,100}): exit (\d{1,3}) \(\d{1,9}\.\d\d seconds\) .*pid=\d{1,10}$/,
  /^ {2}([\w.-]{1,100}): FAIL code (\d{1,3}) \(/,
  /^\[cargo-make\] ERROR - Error while executing command,() exit code: (\d{1,3})$/,
  // Compose, of a container.
  /^([\w.-]{1,200}[-_]\d{1,4}) exited with code (\d{1,3})$/,
  /^Command failed with() status \((\d{1,3})\): /,
];

/** Other lines that a runner prints around a command. */
const TALK =
  /^(?:[\w./-]{0,40}make(?:\[\d{1,4}\])?: (?:(?:Entering|Leaving) directory |Target |\*\*\* Waiting for unfinished jobs)|yarn run v\d|warning package\.json: |info Visit https:\/\/yarnpkg\.com\/|nox > (?:Session \S{1,100} failed\.|Running session |uv binary not found)|(?: {2})?evaluation failed :\(|ninja: build stopped: |FAILED: \S+ ?$|\[cargo-make\] (?:INFO|WARN) - |Attaching to [\w.-]+[-_]\d|(?:Starting|Recreating) [\w.-]{1,200} +\.\.\.(?: done| )?$|rake aborted!$|Tasks: TOP => )/;

/** A command before it runs, from runners that mark it. */
const ECHO =
  /^(?:\$|task: \[[^\]]{1,100}\]|nox >|Poe =>|[\w.-]{1,100}: commands\[\d{1,3}\]>|\[\d{1,6}\/\d{1,6}\]) (?=\S)/;
const ARROW = /^> (?=\S)/;
const SCRIPT = /^> (?:@?[\w./-]+@\d\S* )?[\w:./-]+(?: \/\S*)?$/;

/** npm and composer print "> node smoke.js"; only its place shows that the line is not from a command. */
const isArrow = (lines: readonly string[], at: number): boolean =>
  ARROW.test(lines[at] ?? '') &&
  (at === 0 ||
    SCRIPT.test(lines[at - 1] ?? '') ||
    (SCRIPT.test(lines[at] ?? '') && ARROW.test(lines[at + 1] ?? '')));

/** Below its failure, ninja shows the command once more. */
const isRepeated = (lines: readonly string[], at: number): boolean =>
  /^FAILED: \S+ ?$/.test(lines[at - 1] ?? '');

/** Whether a line says only that a command starts, or has failed. */
export const isRunnersTalk = (line: string): boolean =>
  TALK.test(line) || ECHO.test(line) || ENDINGS.some((pattern) => pattern.test(line));

/**
 * @param lines of output, none of them blank
 * @param at which of them
 * @returns whether a task runner printed it, and it does not say why something failed
 */
export const isRunners = (lines: readonly string[], at: number): boolean =>
  isRunnersTalk(lines[at] ?? '') || isArrow(lines, at) || isRepeated(lines, at);

/** A task runner's command that failed and printed nothing. */
export interface Silent {
  /** As the runner shows it, if it does. */
  readonly command?: string;
  readonly task?: string;
  readonly exitCode?: number;
}

/** The lines saying how the command ended that made the runner give up. */
const endings = (lines: readonly string[]): RegExpExecArray[] =>
  lines
    .filter((line) => !line.endsWith('(ignored)'))
    .flatMap((line) => ENDINGS.map((pattern) => pattern.exec(line)))
    .filter((found) => found !== null);

/**
 * @param lines of output, none of them blank
 * @returns the command that failed; undefined if there is no task runner, or anything else was printed
 */
export function silentCommand(lines: readonly string[]): Silent | undefined {
  if (lines.length === 0 || !lines.every((_, at) => isRunners(lines, at))) return undefined;
  const shown = lines
    .filter(
      (line, at) =>
        isArrow(lines, at) || (ECHO.test(line) && endings([line]).length === 0 && !TALK.test(line)),
    )
    .at(-1);
  const command = shown?.replace(ECHO, '').replace(ARROW, '');
  const [, task = '', code] = endings(lines)[0] ?? [];
  return {
    ...(command === undefined ? {} : { command }),
    ...(task === '' ? {} : { task }),
    ...(code === undefined ? {} : { exitCode: Number(code) }),
  };
}

/**
 * @param lines of output, none of them blank
 * @returns the most telling line from a task runner: how its command ended, or else the command
 */
export const runnersWord = (lines: readonly string[]): string | undefined =>
  endings(lines)[0]?.input ?? silentCommand(lines)?.command;
