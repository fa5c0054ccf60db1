/** Loads a config file: returns the suite, or everything that is wrong with it. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic } from '../core/diagnostic.ts';
import { writePath } from '../core/option-path.ts';
import { err, ok, type Result } from '../core/result.ts';
import { secrets } from '../core/secrets.ts';
import { suggest } from '../core/suggest.ts';
import type { Suite } from '../core/suite.ts';
import type { Problem } from '../kinds/common/problem.ts';
import { loadWords } from '../kinds/index.ts';
import { buildSuite } from './build.ts';
import * as builders from './builders.ts';
import { type ConfigMistake, isConfigMistake } from './mistake.ts';
import { validate } from './validate.ts';

export const CONFIG_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.json'] as const;

export interface ConfigContext {
  /** Names in messages are relative to this: an absolute path. */
  readonly cwd: string;
  /** Path of the library that `shakedown` resolves to in a config, installed there or not. */
  readonly library: string;
}

/** @param file absolute path of the config */
export async function loadConfig(file: string, context: ConfigContext): Promise<Result<Suite, Diagnostic[]>> {
  const name = relative(context.cwd, file) || file;
  if (!CONFIG_EXTENSIONS.some((extension) => extension === extname(file))) {
    return err([
      { message: `${name} cannot be a config: its name must end in ${CONFIG_EXTENSIONS.join(', ')}` },
    ]);
  }
  const source = readSource(file, name);
  if (!source.ok) return source;
  const exported = file.endsWith('.json')
    ? await readJson(name, source.value)
    : await importModule(file, name, source.value, context);
  if (!exported.ok) return exported;
  // Before anything about it is printed.
  learnSecrets(exported.value);
  const words = await loadWords();
  const validated = validate(exported.value, words);
  const { suite, problems } = buildSuite(validated, words, file, name);
  // What is wrong around a mistake may be a consequence of it.
  const apart = problems.filter(
    ({ path }) => !validated.problems.some((other) => isPrefix(path, other.path)),
  );
  const all = [...validated.problems, ...apart];
  return all.length === 0 ? ok(suite) : err(await locate(all, name, source.value));
}

function learnSecrets(options: unknown): void {
  const { secrets: names } = (options ?? {}) as { readonly secrets?: unknown };
  if (Array.isArray(names)) secrets.name(names.filter((name) => typeof name === 'string'));
  secrets.learnEnvironment(process.env);
  secrets.learn(options);
}

const isPrefix = (path: Problem['path'], of: Problem['path']): boolean =>
  path.every((part, index) => part === of[index]);

function readSource(file: string, name: string): Result<string, Diagnostic[]> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EISDIR'
          ? 'is a folder'
          : `cannot be read (${message})`;
    return err([{ message: `the config ${name} ${reason}`, hint: 'check the path after --config' }]);
  }
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    const line = firstBrokenLine(bytes);
    return err([{ message: `the config ${name} is not UTF-8: see line ${line}`, hint: 'save it as UTF-8' }]);
  }
}

function firstBrokenLine(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}

/** Loaded only when something is wrong: the parser takes longer to load than everything else. */
async function sourceMap(name: string, source: string) {
  const { ConfigSource } = await import('./locate.ts');
  return new ConfigSource(name, source);
}

/** Sorts by place, and reports a mistake that several components share only once. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const different = new Map(diagnostics.map((each) => [JSON.stringify(each), each]));
  return [...different.values()].sort(
    ({ location: a }, { location: b }) =>
      (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
  );
}

async function locate(problems: readonly Problem[], name: string, source: string): Promise<Diagnostic[]> {
  const map = await sourceMap(name, source);
  const diagnostics = problems.map(({ path, message, hint, atKey, within }): Diagnostic => {
    const found = map.find(path, atKey ?? false, within);
    const file = found === undefined ? `${name}: ` : '';
    const where = found?.isWhole === true || path.length === 0 ? '' : `${file}${writePath(path)}: `;
    return {
      message: `${where}${message}`,
      ...(hint === undefined ? {} : { hint }),
      ...(found === undefined ? {} : { location: found.location }),
    };
  });
  return inOrder(diagnostics);
}

async function readJson(name: string, source: string): Promise<Result<unknown, Diagnostic[]>> {
  try {
    return ok(JSON.parse(source));
  } catch (error) {
    const map = await sourceMap(name, source);
    if (map.syntaxError !== undefined)
      return err([{ message: `not JSON: ${map.syntaxError.message}`, location: map.syntaxError.location }]);
    const { message } = error as Error;
    const at = jsonErrorAt(message, source);
    return err([
      {
        message: `not JSON: ${message.replace(/(?: in JSON)? at position [\s\S]*$|, (?:\.\.\.)?"[\s\S]*$/, '')}`,
        hint: 'JSON has no comments, trailing commas or single quotes; a .ts or .mjs config may have them',
        location: map.at(at, at + 1),
      },
    ]);
  }
}

/** Where JSON.parse failed: its message gives the position, or else the first unexpected character. */
function jsonErrorAt(message: string, source: string): number {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return Number(position);
  const [, unexpected] = /^Unexpected token '(.)'/su.exec(message) ?? [];
  const tokens = source.matchAll(/"(?:[^"\\]|\\.)*"|true|false|null|[\s\S]/g);
  for (const token of tokens) if (token[0] === unexpected) return token.index;
  return source.length;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const STANDSTILL = Symbol('standstill');

/** Node would exit silently when all that is left waits for itself. */
function watchForStandstill(): { readonly comes: Promise<typeof STANDSTILL>; readonly ignore: () => void } {
  let onStandstill = (): void => {};
  const comes = new Promise<typeof STANDSTILL>((resolve) => {
    onStandstill = () => resolve(STANDSTILL);
    process.once('beforeExit', onStandstill);
  });
  return { comes, ignore: () => process.off('beforeExit', onStandstill) };
}

async function importModule(
  file: string,
  name: string,
  source: string,
  context: ConfigContext,
): Promise<Result<unknown, Diagnostic[]>> {
  // An `import` would read it twice: once for the names of what it exports, which takes longer than to load it.
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
  const jiti = createJiti(pathToFileURL(file).href, {
    alias: { shakedown: context.library },
    interopDefault: false,
    moduleCache: false,
    // jiti would make the folder, and never returns if the system denies that an existing folder exists.
    ...(isWritable(tmpdir()) ? {} : { fsCache: false }),
  });
  const standstill = watchForStandstill();
  let module: unknown;
  try {
    module = await Promise.race([jiti.import(file), standstill.comes]);
    if (module === STANDSTILL)
      return err([
        {
          message: `${name} never finishes loading: it waits for something that will not happen`,
          hint: 'look at its top-level `await`s',
        },
      ]);
  } catch (error) {
    const map = await sourceMap(name, source);
    if (map.syntaxError !== undefined)
      return err([{ message: map.syntaxError.message, location: map.syntaxError.location }]);
    return err([thrown(error, file, name, source)]);
  } finally {
    standstill.ignore();
  }
  const exported =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (exported === undefined)
    return err([
      { message: `${name} has no default export`, hint: 'export default defineSuite({ components: { … } })' },
    ]);
  return ok(exported);
}

/** The error of a call to something that the library does not export, by its name in the transpiled code. */
const NOT_EXPORTED = /^\(0 ?, ?_shakedown\.(\w+)\) is not a function$/;

/** @param name what a config calls as if the library exported it */
function notExported(name: string): Pick<Diagnostic, 'message' | 'hint'> {
  const exported = [...Object.keys(builders), 'runLoad', 'startService'].sort();
  const near = suggest(name, exported);
  return {
    message: `"shakedown" does not export \`${name}\``,
    hint: near === undefined ? `it exports ${exported.join(', ')}` : `did you mean \`${near}\`?`,
  };
}

/** @param text the line of the config on which the builder is called, if that is known */
function mistaken(
  { message, hint, culprit }: ConfigMistake,
  file: string,
  line: number,
  text: string | undefined,
): Diagnostic {
  const at = text?.indexOf(`${culprit}(`) ?? -1;
  if (text === undefined || at === -1) return { message: `${file}: ${message}`, hint };
  return { message, hint, location: { file, line, column: at + 1, length: culprit.length, text } };
}

/** Reports an error thrown by a config like any other mistake, at the line of the config that it came through. */
function thrown(error: unknown, file: string, name: string, source: string): Diagnostic {
  const message = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frame = stack.split('\n').find((line) => line.includes(file));
  const [, row] = /:(\d+):\d+\)?$/.exec(frame ?? '') ?? [];
  const text = source.split('\n')[Number(row) - 1];
  if (isConfigMistake(error)) return mistaken(error, name, Number(row), text);
  if (row === undefined || text === undefined) return { message: `the config ${name} throws: ${message}` };
  const [, unknown] = error instanceof TypeError ? (NOT_EXPORTED.exec(error.message) ?? []) : [];
  if (unknown !== undefined && text.includes(unknown)) {
    const column = text.indexOf(unknown) + 1;
    const location = { file: name, line: Number(row), column, length: unknown.length, text };
    return { ...notExported(unknown), location };
  }
  // The lines are those of the config, the columns those of the transpiled code: point at the whole line.
  const indent = text.length - text.trimStart().length;
  return {
    message: `the config throws: ${message}`,
    location: { file: name, line: Number(row), column: indent + 1, length: text.trim().length, text },
  };
}
