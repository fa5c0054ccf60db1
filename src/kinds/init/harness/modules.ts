/**
 * Preloaded by `--import` into a program that loads a module: lists what the program loaded.
 *
 * V8's debugger reports every script, however it was loaded; JSON and addons are in the cache of `require`, and Node
 * lists its own modules. So no loader is hooked, and nothing loads differently.
 */
import { existsSync, writeFileSync } from 'node:fs';
import inspector from 'node:inspector';
import { builtinModules, createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type LoadedModules, REPORT_VARIABLE } from '../protocol.ts';

const path = process.env[REPORT_VARIABLE] ?? '/dev/stdout';
const { cache } = createRequire(import.meta.url);

const ownModules = (): string[] =>
  (process as unknown as { readonly moduleLoadList: readonly string[] }).moduleLoadList
    .map((entry) => entry.replace(/^NativeModule /, ''))
    .filter((name) => builtinModules.includes(name) && !name.startsWith('_'))
    .map((name) => `node:${name}`);

const files = new Set<string>();
const session = new inspector.Session();
session.connect();
session.on('Debugger.scriptParsed', ({ params: { url } }) => {
  if (url.startsWith('file:')) files.add(fileURLToPath(url.replace(/[?#].*/, '')));
});
session.post('Debugger.enable');
/** Evaluated code, such as the line that loads the module, has a URL but no file. */
const all = (): string[] => [
  ...ownModules(),
  ...[...files, ...Object.keys(cache)].filter((file) => existsSync(file)),
];
const before = new Set(all());

process.once('exit', () => {
  const loaded: LoadedModules = { modules: [...new Set(all())].filter((name) => !before.has(name)).sort() };
  writeFileSync(path, JSON.stringify(loaded));
});
