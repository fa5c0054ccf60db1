/** Opens a file in the browser of whoever is at the terminal. */
import { spawn } from 'node:child_process';
import { findProgram } from '../../files/find-program.ts';

/** @returns the program that opens files; undefined where nobody is looking, or nothing could be shown */
export function openerOf(
  env: NodeJS.ProcessEnv,
  { isTTY }: { readonly isTTY?: boolean },
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
  if (isTTY !== true || (isSet(env.CI) && env.CI !== 'false')) return undefined;
  if (platform === 'darwin') return findProgram('open', env.PATH);
  const hasScreen = isSet(env.DISPLAY) || isSet(env.WAYLAND_DISPLAY);
  return hasScreen ? findProgram('xdg-open', env.PATH) : undefined;
}

/** It is not waited for: some of them stay as long as the browser does. */
export function openFile(opener: string, file: string): void {
  spawn(opener, [file], { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref();
}
