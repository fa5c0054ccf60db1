/** Gathers the facts about a project. It reads files and asks a Python interpreter what is installed; it changes nothing. */
import type { ProjectFacts } from '../facts.ts';
import { lookAtMakefile } from './makefile.ts';
import { lookAtNode, lookAtWorkspaces } from './node.ts';
import { lookAtOthers } from './programs.ts';
import { lookAtPython } from './python.ts';
import { lookAtScripts } from './scripts.ts';
import { Tree } from './tree.ts';
import { lookAtCompose, lookAtProcfile } from './words.ts';

/**
 * @param root absolute path of the project
 * @param dir the folder of scripts, relative to it
 * @param path the PATH to search for programs
 * @param pythonPath the PYTHONPATH of the shell
 */
export function lookAtProject(
  root: string,
  dir: string,
  path: string | undefined,
  pythonPath?: string,
): ProjectFacts {
  const tree = new Tree(root);
  return {
    scripts: lookAtScripts(tree, dir),
    node: lookAtNode(tree, tree, path) ?? null,
    packages: lookAtWorkspaces(tree, path),
    python: lookAtPython(tree, path, pythonPath) ?? null,
    others: lookAtOthers(tree, path),
    procfile: lookAtProcfile(tree, path),
    make: lookAtMakefile(tree),
    compose: lookAtCompose(tree),
  };
}
