/** Peers are no dependencies: they are installed for the time of the bench, through npm, into its own folder. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The package that is wanted, and its command. */
export interface Wanted {
  readonly name: string;
  readonly version: string;
  readonly bin: string;
}

/** Version 3 needs Node 22; this is the newest that runs on Node 20. */
export const START_SERVER_AND_TEST: Wanted = {
  ...{ name: 'start-server-and-test', version: '^2', bin: 'start-server-and-test' },
};
const INSTALL_LIMIT = 60_000;

export interface Peer {
  readonly version: string;
  /** The script to run with Node. */
  readonly script: string;
}

/** @returns the peer, or why there is none: a bench without a network still compares the rest */
export async function installPeer(folder: string, { name, version, bin }: Wanted): Promise<Peer | string> {
  const wanted = `${name}@${version}`;
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  try {
    await promisify(execFile)('npm', ['install', '--no-save', '--no-audit', '--no-fund', wanted], {
      cwd: folder,
      timeout: INSTALL_LIMIT,
    });
    const home = join(folder, 'node_modules', name);
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      version: string;
      bin: Record<string, string>;
    };
    const script = manifest.bin[bin];
    if (script === undefined) return `${wanted} has no command ${bin}`;
    return { version: manifest.version, script: join(home, script) };
  } catch (error) {
    const { message } = error as Error;
    return `npm install ${wanted} failed: ${message.trim().split('\n').at(-1)}`;
  }
}
