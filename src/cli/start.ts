#!/usr/bin/env node
/** The program's entry point. Node 22.1 and later cache compiled code if given a folder before anything is loaded. */
import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';

/** The cached code is executed, so the folder must be ours: with `sudo`, say, the home may be someone else's. */
function isOurs(folder: string): boolean {
  const { mode, uid } = lstatSync(folder);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

if ('enableCompileCache' in module) {
  const { XDG_CACHE_HOME: base = '' } = process.env;
  const folder = `${base === '' ? `${homedir()}/.cache` : base}/shakedown/compiled`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isOurs(folder)) (module.enableCompileCache as (folder: string) => unknown)(folder);
  } catch {
    // Without a home, or a writable disk, everything is compiled anew.
  }
}

await import('./main.ts');
