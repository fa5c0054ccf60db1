/** Peers are no dependencies: they are installed for the time of the bench, through npm, into its own folder. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Version 3 needs Node 22; this is the newest that runs on Node 20. */
const WANTED = 'start-server-and-test@^2';
const INSTALL_LIMIT = 60_000;

export interface Peer {
  readonly version: string;
  /** The script to run with Node. */
  readonly script: string;
}

/** @returns the peer, or why there is none: a bench without a network still compares the rest */
export async function installPeer(folder: string): Promise<Peer | string> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  try {
    await promisify(execFile)('npm', ['install', '--no-save', '--no-audit', '--no-fund', WANTED], {
      cwd: folder,
      timeout: INSTALL_LIMIT,
    });
    const home = join(folder, 'node_modules', 'start-server-and-test');
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      version: string;
      bin: Record<string, string>;
    };
    const bin = manifest.bin['start-server-and-test'];
    if (bin === undefined) return `${WANTED} has no command of that name`;
    return { version: manifest.version, script: join(home, bin) };
  } catch (error) {
    const { message } = error as Error;
    return `npm install ${WANTED} failed: ${message.trim().split('\n').at(-1)}`;
  }
}
