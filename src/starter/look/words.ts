/** Files that say how a project is run: Procfile and compose file. */
import { delimiter } from 'node:path';
import { findProgram } from '../../files/find-program.ts';
import type { ProcessType, ProjectFacts } from '../facts.ts';
import type { Tree } from './tree.ts';

/** Where a project's own programs are, which are not on the PATH. */
const OWN_PROGRAMS = ['node_modules/.bin', '.venv/bin', 'venv/bin', 'env/bin'];

function lacking(line: string, tree: Tree, path: string | undefined): string | null {
  const program = line.split(/\s+/).find((word) => !/^\w+=/.test(word)) ?? '';
  const folders = [...OWN_PROGRAMS.map((folder) => tree.path(folder)), path ?? ''].join(delimiter);
  const isThere = program.includes('/') ? tree.isFile(program) : findProgram(program, folders) !== undefined;
  return isThere ? null : program;
}

/** The process types of a Procfile, with their lines. */
export function lookAtProcfile(tree: Tree, path: string | undefined): Record<string, ProcessType> {
  const lines = (tree.text('Procfile') ?? '').split(/\r?\n/);
  return Object.fromEntries(
    lines.flatMap((text): [string, ProcessType][] => {
      const [, name, rest] = /^([\w-]{1,40}):\s?(.*)$/.exec(text) ?? [];
      const line = rest?.trim() ?? '';
      return name === undefined || line === '' ? [] : [[name, { line, lacking: lacking(line, tree, path) }]];
    }),
  );
}

const COMPOSE = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

/** The services of a compose file: the keys directly below `services`. */
export function lookAtCompose(tree: Tree): ProjectFacts['compose'] {
  const file = tree.first(...COMPOSE);
  if (file === undefined) return null;
  const lines = (tree.text(file) ?? '').split(/\r?\n/);
  const from = lines.findIndex((line) => /^services:\s*$/.test(line));
  const services: string[] = [];
  let indent: string | undefined;
  for (const line of from === -1 ? [] : lines.slice(from + 1)) {
    if (/^\S/.test(line) && !line.startsWith('#')) break;
    const [, space, name] = /^( +)['"]?([\w.-]+)['"]?:\s*$/.exec(line) ?? [];
    if (space === undefined || name === undefined) continue;
    indent ??= space;
    if (space === indent) services.push(name);
  }
  return { file, services };
}
