/** Runs npm, and says in the user's terms why it failed. */
import { headline } from '../core/headline.ts';
import { err, ok, type Result } from '../core/result.ts';
import { findProgram } from '../files/find-program.ts';
import type { ComponentLog } from '../process/output/log.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { describeExit } from '../process/system/exit.ts';
import type { ConsumerFailure } from './failure.ts';
import { EVIDENCE_LINES, runTool, type ToolCall } from './run-tool.ts';

/** Failures by npm's error code; any other is the package's fault. */
const FAILURES: readonly {
  readonly codes: RegExp;
  readonly blame: ConsumerFailure['blame'];
  readonly because: (what: string) => string;
  readonly hint: string;
}[] = [
  {
    codes: /^(?:E404|EINVALIDPACKAGENAME|EINVALIDTAGNAME)$/,
    blame: 'spec',
    because: (what) => `${what}: there is no such package, or you may not see it`,
    hint: 'check the spelling; for a private package, log in to its registry first (npm login)',
  },
  {
    codes: /^ETARGET$/,
    blame: 'spec',
    because: (what) => `${what}: there is no such version`,
    hint: '`npm view NAME versions` lists those that exist',
  },
  {
    codes:
      /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH|ENOTCACHED|EPROTO|FETCH_ERROR)$/,
    blame: 'machine',
    because: (what) => `${what}: the registry cannot be reached`,
    hint: 'check the network, and the registry and proxy settings of npm (npm config list)',
  },
  {
    codes: /^(?:E401|E403|ENEEDAUTH)$/,
    blame: 'machine',
    because: (what) => `${what}: the registry refuses it`,
    hint: 'log in to the registry (npm login)',
  },
  {
    codes: /^EUNSUPPORTEDPROTOCOL$/,
    blame: 'package',
    because: (what) =>
      `${what}: its package.json has a dependency that only a workspace understands (\`workspace:\`, \`catalog:\`)`,
    hint: 'publish it with a package manager that replaces those: pnpm, Yarn since 2, or Bun',
  },
  {
    codes: /^EBADENGINE$/,
    blame: 'machine',
    because: (what) => `${what}: it needs another version of Node.js or npm`,
    hint: 'use a version that its `engines` allow',
  },
  {
    codes: /^(?:ENOSPC|EDQUOT|EROFS)$/,
    blame: 'trouble',
    because: (what) => `${what}: the disk is full`,
    hint: 'free some space, or set XDG_CACHE_HOME to another folder',
  },
];

const SAYS_CODE = /^npm (?:error|ERR!) code (\S+)/;

function explain(what: string, how: string, lines: readonly string[], log: ComponentLog): ConsumerFailure {
  const code = lines.flatMap((line) => SAYS_CODE.exec(line)?.[1] ?? [])[0] ?? '';
  const evidence = lines.slice(-EVIDENCE_LINES);
  const known = FAILURES.find(({ codes }) => codes.test(code));
  if (known !== undefined)
    return { blame: known.blame, message: known.because(what), evidence, hint: known.hint };
  const cause = headline(lines);
  return {
    blame: 'package',
    message: `${what}: npm ${how}${cause === undefined ? '' : `: ${cause}`}`,
    evidence,
    hint: `npm's full output is in ${log.path}`,
  };
}

/**
 * Runs npm to its end, and ends any processes it left.
 *
 * @returns the last lines of its output; or why it failed
 */
export async function runNpm(
  call: ToolCall,
  context: CommandContext,
): Promise<Result<readonly string[], ConsumerFailure>> {
  const npm = findProgram('npm', context.env.PATH);
  if (npm === undefined)
    return err({
      blame: 'machine',
      message: `${call.failing}: npm is not installed, or not on the PATH`,
      hint: 'install Node.js with npm, or put its folder on the PATH',
    });
  const run = await runTool(npm, call, context);
  if (!run.ok) return run;
  const { exit, lines } = run.value;
  return exit.code === 0 ? ok(lines) : err(explain(call.failing, describeExit(exit), lines, context.log));
}
