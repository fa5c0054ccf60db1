/** Whether this machine permits a network of a client's own, which `prove` needs where a port is written into a client. */
import { spawnSync } from 'node:child_process';
import { AS_ORDINARY_USER } from './protocol.ts';

/** What the proxy and its client are started by, beside `unshare`. */
const ENTERS = 'nsenter';
const BRING_UP = 'ip link set lo up || ifconfig lo up';
const ROOTS_PATH = '/usr/sbin:/sbin';
/** In milliseconds. */
const LONGEST = 5000;

/** @returns why there can be none; undefined if there can */
export function whyNoNetwork(env: NodeJS.ProcessEnv): string | undefined {
  if (process.platform !== 'linux') return 'it takes Linux';
  const path = `${env.PATH ?? ''}:${ROOTS_PATH}`;
  const run = (program: string, args: readonly string[]): string | undefined => {
    const { error, status, stderr } = spawnSync(program, args, {
      env: { ...env, PATH: path },
      encoding: 'utf8',
      timeout: LONGEST,
    });
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      return `\`${program}\` (util-linux) is not installed`;
    if (status === 0) return undefined;
    return error?.message ?? (stderr.trim().split('\n')[0] || `${program}: exit code ${status}`);
  };
  const make = (flags: readonly string[]): string | undefined =>
    run('unshare', [...flags, '--net', '--', '/bin/sh', '-c', BRING_UP]);
  const lacking = run(ENTERS, ['--version']);
  if (lacking !== undefined) return lacking;
  const first = process.getuid?.() === 0 ? make([]) : undefined;
  if (process.getuid?.() === 0 && first === undefined) return undefined;
  const second = make(AS_ORDINARY_USER);
  return second === undefined ? undefined : (first ?? second);
}
