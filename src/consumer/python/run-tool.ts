/** Runs pip, uv and Python as owned processes, and says what their failures mean. */
import { headline } from '../../core/headline.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { ConsumerFailure } from '../failure.ts';
import { EVIDENCE_LINES, type ProgramCall, runProgram } from '../run-tool.ts';

export type Argv = ProgramCall['argv'];

/** Failures by what pip or uv prints; any other is the package's fault. */
const FAILURES: readonly {
  readonly says: RegExp;
  readonly blame: ConsumerFailure['blame'];
  readonly because: string;
  readonly hint: string;
  readonly isExcluded?: true;
}[] = [
  {
    says: /Connection (?:refused|reset)|Temporary failure in name resolution|Name or service not known|Network is unreachable|Max retries exceeded|error sending request|dns error|ConnectTimeoutError/,
    blame: 'machine',
    because: 'the package index cannot be reached',
    hint: 'check the network, and the index and proxy settings of pip (pip config list)',
  },
  {
    says: /\b(?:401|403) (?:Client )?(?:Error|Unauthorized|Forbidden)/,
    blame: 'machine',
    because: 'the package index refuses it',
    hint: 'check the credentials in the settings of pip (pip config list)',
  },
  {
    says: /requires a different Python|current Python version/,
    blame: 'machine',
    because: 'it needs another version of Python',
    hint: 'put a Python that its Requires-Python allows first on the PATH, or name one: --python 3.13',
    isExcluded: true,
  },
  {
    says: /is not a supported wheel on this platform|incompatible with the current (?:platform|Python)/,
    blame: 'machine',
    because: 'it is for another Python, or another system',
    hint: 'its name says for which; --python tries other versions of Python',
    isExcluded: true,
  },
  {
    says: /No space left on device|Disk quota exceeded|Read-only file system/,
    blame: 'trouble',
    because: 'the disk is full',
    hint: 'free some space, or set XDG_CACHE_HOME to another folder',
  },
];

/** pip says the same of a package that does not exist, of a version, and of one that no Python like this may have. */
const NOT_FOUND = /^ERROR: (?:No matching distribution found|Could not find a version that satisfies)/;

/** What pip was asked for does not exist; a dependency that does not is the fault of the package. */
export const isNotFound = (lines: readonly string[]): boolean => lines.some((line) => NOT_FOUND.test(line));

const IGNORED = /Ignored the following versions that require a different python version: (.*)/i;

/**
 * What pip was asked for exists, but not for this Python.
 *
 * @param version `==1.2`; empty: any
 */
export function isForOthers(lines: readonly string[], version: string): boolean {
  const ignored = lines.map((line) => IGNORED.exec(line)?.[1] ?? '').find((each) => each !== '');
  if (ignored === undefined) return false;
  const versions = ignored.split(';').map((each) => each.trim().split(' ')[0]);
  return version === '' || versions.includes(version.replace(/^=+/, ''));
}

const lastError = (lines: readonly string[]): string | undefined =>
  lines.findLast((line) => /^(?:ERROR|error): /.test(line))?.replace(/^\w+: /, '');

/**
 * Runs a tool to its end, and ends any processes it left.
 *
 * @returns the last lines of its output; or why it failed
 */
export async function runTool(
  call: ProgramCall,
  context: CommandContext,
): Promise<Result<readonly string[], ConsumerFailure>> {
  const { failing, argv } = call;
  const ended = await runProgram(call, context);
  if (!ended.ok) return ended;
  const { exit, lines } = ended.value;
  if (exit.code === 0) return ok(lines);
  const evidence = lines.slice(-EVIDENCE_LINES);
  const known = FAILURES.find(({ says }) => lines.some((line) => says.test(line)));
  if (known !== undefined)
    return err({
      ...{ blame: known.blame, message: `${failing}: ${known.because}`, evidence, hint: known.hint },
      ...(known.isExcluded === true ? { isExcluded: true } : {}),
    });
  const cause = lastError(lines) ?? headline(lines);
  return err({
    blame: 'package',
    message: `${failing}: ${argv.includes('pip') ? 'pip' : (argv[0].split('/').at(-1) ?? argv[0])} ${describeExit(exit)}${cause === undefined ? '' : `: ${cause}`}`,
    evidence,
    hint: `the full output is in ${context.log.path}`,
  });
}
