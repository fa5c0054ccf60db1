/** Decides whether an error thrown by an entry point counts against the package. */
import { isAbsolute, relative } from 'node:path';
import type { EntryLoad } from '../../core/entry.ts';
import { foreignNeed } from '../common/other-runtimes.ts';
import type { NodeEntriesComponent } from './component.ts';
import type { ThrownError } from './protocol.ts';

type JudgedPackage = NodeEntriesComponent['package'];

/** What is wrong with the package, or why the error may be deliberate. */
type Judgement =
  | {
      readonly because: string;
      /** What many entry points may fail for; the same cause is one finding. */
      readonly cause?: string;
      /** The package that would have to be declared. */
      readonly undeclared?: string;
    }
  | {
      readonly excuse: string;
      /** The entry point is meant for another runtime or another Node. */
      readonly isElsewhere?: true;
      /** The package that it needs, and that others may do without. */
      readonly optional?: string;
    };

const NOT_FOUND = /^Cannot find (?:package|module) '([^']+)'/;
const UNKNOWN_BUILTIN = /^No such built-in module: (node:\S+)/;

const packageOf = (specifier: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;

const isPath = (specifier: string): boolean => /^\.{0,2}\//.test(specifier) || isAbsolute(specifier);

const isWithin = (folder: string, path: string | null): boolean =>
  path !== null &&
  !relative(folder, path).startsWith('..') &&
  !relative(folder, path).startsWith('node_modules');

const MODULES = '/node_modules/';

/** What an import wrote, where Node tells the path that this became: `react/jsx-runtime.js`. */
const specifierOf = (path: string, folder: string): string =>
  isAbsolute(path) && path.includes(MODULES) && !isWithin(folder, path)
    ? path.slice(path.lastIndexOf(MODULES) + MODULES.length)
    : path;

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

/** `react-native` itself is no JavaScript that Node can read. */
const IN_REACT_NATIVE = /\/node_modules\/(?:react-native|expo|@react-native\/[^/]+)\//;

/** The words of an entry point: `a/expo-sqlite/migrator` has `expo-sqlite`. */
const wordsOf = ({ specifier, file }: EntryLoad): string[] => [...specifier.split('/'), ...file.split('/')];

/** The optional package that an entry point is an adapter for, by its name; what comes with that is unknown here. */
const adapted = (load: EntryLoad, { absent }: JudgedPackage): string | undefined =>
  absent.find((name) => wordsOf(load).includes(name.slice(name.indexOf('/') + 1)));

function judgeNotFound(
  load: EntryLoad,
  error: ThrownError,
  about: JudgedPackage,
  isMain: boolean,
): Judgement {
  const { folder, declared, installed } = about;
  const wanted = specifierOf(NOT_FOUND.exec(error.message)?.[1] ?? '', folder);
  const importer = isWithin(folder, error.importer) ? relative(folder, error.importer ?? '') : error.importer;
  if (isPath(wanted))
    return isWithin(folder, isAbsolute(wanted) ? wanted : error.importer)
      ? {
          because: `${importer ?? load.file} loads ${wanted.replace(`${folder}/`, '')}, which is not in the package`,
          ...(isAbsolute(wanted) ? { cause: wanted } : {}),
        }
      : { excuse: error.message };
  const name = packageOf(wanted);
  if (!isWithin(folder, error.importer)) return { excuse: `${name} is missing from its dependencies` };
  const version = installed[name];
  if (version !== undefined)
    return { because: `${importer} loads ${wanted}, which ${name}@${version} does not have` };
  if (declared.includes(name)) return { excuse: `it needs ${name}, which is optional`, optional: name };
  const host = isMain ? undefined : adapted(load, about);
  if (host !== undefined)
    return { excuse: `it is for ${host}, which is not installed and may bring ${name}` };
  return {
    because: `${importer} loads ${name}, which its package.json does not declare`,
    cause: name,
    undeclared: name,
  };
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
    return judgeNotFound(load, error, about, isMain);
  const cause = `${name}: ${message.split('\n')[0] ?? ''}`;
  if (name === 'SyntaxError' && IN_REACT_NATIVE.test(error.stack[0] ?? ''))
    return { excuse: 'it is for another runtime: it loads React Native', isElsewhere: true };
  if (name === 'SyntaxError') return { because: cause };
  // A plain Error without a code is usually deliberate: "use import instead".
  if (isMain && (name !== 'Error' || code !== null)) return { because: cause };
  return { excuse: cause };
}
