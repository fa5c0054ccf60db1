#!/usr/bin/env node
/**
 * Where the program starts. Node keeps what it compiles between runs, from version 22.1 on, if it is told a folder before
 * anything is loaded.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';

/** What lies there is run, so it must be ours: with `sudo`, say, the home may be somebody else's. */
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
    // Without a home, or where nothing can be written, everything is compiled anew.
  }
}

await import('./main.ts');
