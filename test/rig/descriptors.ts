/** A process that may open no more files, as the kernel says it: EMFILE, and no mock of it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Below what any process has open. */
const NONE = 3;

/**
 * Until it is disposed of this process can open nothing: no file, no socket, no pipe. What it has open stays so.
 * A helper that has been started before lifts that again.
 */
export async function exhaustDescriptors(): Promise<AsyncDisposable> {
  const own = `prlimit --pid ${process.pid} --nofile`;
  const limit = execFileSync('sh', ['-c', `${own} --raw --noheadings --output SOFT`], {
    encoding: 'utf8',
  }).trim();
  const script = `${own}=${NONE}: && echo none; read _; ${own}=${limit}: && echo all`;
  const helper = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(helper.stdout, 'data');
  return {
    [Symbol.asyncDispose]: async () => {
      helper.stdin.end('\n');
      await once(helper, 'exit');
    },
  };
}
