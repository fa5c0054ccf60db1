/** Decides whether an error thrown by an entry point counts against the package. */
import { isAbsolute, relative } from 'node:path';
import type { EntryLoad } from '../../core/entry.ts';
import { foreignNeed } from '../common/other-runtimes.ts';
import type { EntriesComponent } from './component.ts';
import type { ThrownError } from './protocol.ts';

type JudgedPackage = EntriesComponent['package'];

/** What is wrong with the package, or why the error may be deliberate. */
type Judgement =
  | { readonly because: string }
  /** `isElsewhere`: the entry point is meant for another runtime or another Node. */
  | { readonly excuse: string; readonly isElsewhere?: true };

const NOT_FOUND = /^Cannot find (?:package|module) '([^']+)'/;
const UNKNOWN_BUILTIN = /^No such built-in module: (node:\S+)/;

const packageOf = (specifier: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;

const isPath = (specifier: string): boolean => /^\.{0,2}\//.test(specifier) || isAbsolute(specifier);

const isWithin = (folder: string, path: string | null): boolean =>
  path !== null &&
  !relative(folder, path).startsWith('..') &&
  !relative(folder, path).startsWith('node_modules');

/** Recognizes an error about something that only another runtime or another Node has. */
function judgeRuntime(
  { file }: EntryLoad,
  { name, code, message }: ThrownError,
  about: JudgedPackage,
  isMain: boolean,
): Judgement | undefined {
  if (code === 'ERR_UNKNOWN_BUILTIN_MODULE') {
    const wanted = UNKNOWN_BUILTIN.exec(message)?.[1];
    if (wanted === undefined) return undefined;
    const cause = `it needs ${wanted}, which this Node.js does not have`;
    return isMain && about.isForThisNode
      ? { because: `${cause}, and \`engines\` allows it` }
      : { excuse: cause, isElsewhere: true };
  }
  const need = foreignNeed(`${name}: ${message}`, { code, package: about.name, file });
  return need === undefined ? undefined : { excuse: need, isElsewhere: true };
}

function judgeNotFound(load: EntryLoad, error: ThrownError, { folder, declared }: JudgedPackage): Judgement {
  const wanted = NOT_FOUND.exec(error.message)?.[1] ?? '';
  const importer = isWithin(folder, error.importer) ? relative(folder, error.importer ?? '') : error.importer;
  if (isPath(wanted))
    return isWithin(folder, isAbsolute(wanted) ? wanted : error.importer)
      ? {
          because: `${importer ?? load.file} loads ${wanted.replace(`${folder}/`, '')}, which is not in the package`,
        }
      : { excuse: error.message };
  const name = packageOf(wanted);
  if (!isWithin(folder, error.importer)) return { excuse: `${name} is missing from its dependencies` };
  if (declared.includes(name)) return { excuse: `it needs ${name}, which is optional` };
  return { because: `${importer} loads ${name}, which its package.json does not declare` };
}

/**
 * @param isMain whether it is the package's main entry point; others may fail on purpose, such as a plugin whose host is
 *   missing
 */
export function judgeError(
  load: EntryLoad,
  error: ThrownError,
  about: JudgedPackage,
  isMain: boolean,
): Judgement {
  const { name, code, message } = error;
  const ofRuntime = judgeRuntime(load, error, about, isMain);
  if (ofRuntime !== undefined) return ofRuntime;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND')
    return judgeNotFound(load, error, about);
  const cause = `${name}: ${message.split('\n')[0] ?? ''}`;
  if (name === 'SyntaxError') return { because: cause };
  // A plain Error without a code is usually deliberate: "use import instead".
  if (isMain && (name !== 'Error' || code !== null)) return { because: cause };
  return { excuse: cause };
}
