/** A folder of scripts by convention: which of them can be used. */
import { interpreterLine, whyNotRunnable } from '../../files/runnable.ts';
import { runtimeOf } from '../../kinds/common/unheard.ts';
import type { ScriptFolder } from '../facts.ts';
import type { Tree } from './tree.ts';

const SCRIPTS = ['setup', 'thread', 'http', 'client', 'init'];
const SAMPLES = ['typestubs.py', 'typestubs.ts'];

/** @returns null when the folder is not there or holds none of them */
export function lookAtScripts(tree: Tree, dir: string): ScriptFolder | null {
  const there = [...SCRIPTS, ...SAMPLES].filter((name) => tree.isFile(`${dir}/${name}`));
  if (there.length === 0) return null;
  const broken = there.flatMap((name) => {
    if (!SCRIPTS.includes(name)) return [];
    const reason = whyNotRunnable(tree.path(dir, name), `${dir}/${name}`);
    return reason === undefined ? [] : [{ name, reason }];
  });
  const sample = SAMPLES.find((name) => there.includes(name));
  const usable = there.filter((name) => broken.every((each) => each.name !== name));
  return {
    dir: dir.replace(/^\.\/|\/$/g, ''),
    files: usable.filter((name) => !SAMPLES.includes(name) || name === sample),
    unusable: broken.map(({ reason }) =>
      reason.hint === undefined ? reason.message : `${reason.message}: ${reason.hint}`,
    ),
    thread: usable.includes('thread') ? runtimeOf(interpreterLine(tree.path(dir, 'thread'))) : null,
    hasOwnBin: tree.isFolder(`${dir}/node_modules/.bin`),
  };
}
