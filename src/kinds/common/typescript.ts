/** How to make a Node run TypeScript. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { registerChild } from '../../process/system/children.ts';
import { harnessFile } from './programs.ts';

/** What each Node has answered, or is about to: it is asked once. */
const answers = new Map<string, Promise<boolean>>();

/** Whether this Node runs TypeScript natively. We ask it, since the suite's Node may differ from ours. */
export function stripsTypes(node: string): Promise<boolean> {
  const known = answers.get(node) ?? ask(node);
  answers.set(node, known);
  return known;
}

async function ask(node: string): Promise<boolean> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    registerChild(
      execFile(node, ['-p', 'Boolean(process.features.typescript)'], (error, output) =>
        resolve(error === null && output.trim() === 'true'),
      ),
    );
  });
}

export const isTypescript = (file: string): boolean => /\.[cm]?ts$/.test(file);

/**
 * The flags that make a Node load these files, also in its workers: none for JavaScript, or where it runs TypeScript
 * natively.
 *
 * @param cwd the folder in which it is started, from which `tsx` is resolved
 * @returns the flags, or that `tsx` is missing
 */
export async function typescriptFlags(
  node: string,
  files: readonly string[],
  cwd: string,
): Promise<Result<readonly string[], Finding>> {
  const file = files.find(isTypescript);
  if (file === undefined || (await stripsTypes(node))) return ok([]);
  try {
    createRequire(join(cwd, '[shakedown]')).resolve('tsx');
  } catch {
    return err({
      code: 'missing-program',
      step: 'tsx',
      message: `tsx is not installed: it is needed to load ${file}`,
      hint: 'npm install --save-dev tsx, or use Node 22.18 or newer, which runs TypeScript by itself',
      program: 'tsx',
    });
  }
  return ok(['--import', pathToFileURL(harnessFile('harness-typescript.js')).href]);
}
