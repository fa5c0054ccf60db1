/** Whether this machine permits network namespaces of one's own. */
import { spawnSync } from 'node:child_process';
import { AS_ORDINARY_USER } from '../../src/proxy/protocol.ts';

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/**
 * @param flags those of an ordinary user; default: root's
 * @param within what it is to be tried by
 */
export function permitsNetworks(flags: readonly string[] = [], within: readonly string[] = []): boolean {
  const line = ['env', ...within, 'unshare', ...flags, '--net', 'ip', 'link', 'set', 'lo', 'up'];
  return spawnSync('env', [`PATH=${PATH}`, ...line]).status === 0;
}

/** Those of an ordinary user. */
export const AS_USER = AS_ORDINARY_USER;
