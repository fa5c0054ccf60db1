/**
 * Loads the entry points of a package, and reports what each really exports. Each is journaled before it is loaded, so
 * that the journal tells which one ended the process.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { isModuleNamespaceObject } from 'node:util/types';
import type { EntryLoad } from '../../../core/entry.ts';
import { HERE, importHere, requireHere } from '../../common/harness/load-here.ts';
import type { RealEvent, RealExports, RealJob, ValueShape } from '../protocol.ts';

/** Some modules never finish loading. Other kinds report that, so this gives up early. */
const PATIENCE = 15_000;

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Members that every object or function inherits are not exports. */
const COMMON = new Set<unknown>([Object.prototype, Function.prototype]);

/** Names along the prototype chain; its length is limited, as a proxy may invent an endless one. */
function allNames(value: object): string[] {
  const names = new Set<string>();
  let at: object | null = value;
  for (let depth = 0; at !== null && !COMMON.has(at) && depth < 20; depth++) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    at = Object.getPrototypeOf(at) as object | null;
  }
  return [...names];
}

const COMPONENTS = new Set(
  ['forward_ref', 'memo', 'lazy', 'context', 'provider', 'consumer'].map((name) => `react.${name}`),
);

/** What React makes of a function, for JSX to name. It is an object, and React's own declarations let it be called. */
function isComponent(value: object): boolean {
  const mark = (value as { readonly $$typeof?: unknown }).$$typeof;
  return typeof mark === 'symbol' && COMPONENTS.has(Symbol.keyFor(mark) ?? '');
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' && isComponent(value) ? 'component' : typeof value;
}

function shapeOf(value: unknown): ValueShape {
  const kind = kindOf(value);
  if (!isObject(value))
    return { kind, own: [], all: [], isTranslated: false, default: null, isOwnDefault: false };
  const byName = value as Record<string, unknown>;
  const hasDefault = 'default' in value;
  return {
    kind,
    own: Object.keys(value),
    all: allNames(value),
    isTranslated: byName.__esModule === true,
    default: hasDefault ? kindOf(byName.default) : null,
    isOwnDefault: hasDefault && byName.default === value,
  };
}

/** Among imported modules, only CommonJS ones are in the cache of `require`. */
function commonJsShape(load: EntryLoad, folder: string, value: unknown): ValueShape | null {
  if (load.file.endsWith('.mjs')) return null;
  return requireHere.cache[`${folder}/${load.file}`] === undefined ? null : shapeOf(value);
}

async function look(load: EntryLoad, folder: string): Promise<RealExports> {
  if (load.form === 'require') {
    const value: unknown = requireHere(load.specifier);
    const shape = shapeOf(value);
    return { names: shape.all, default: null, module: isModuleNamespaceObject(value) ? null : shape };
  }
  const namespace = (await importHere(load.specifier)) as Record<string, unknown>;
  const names = Object.keys(namespace);
  return {
    names,
    default: names.includes('default') ? shapeOf(namespace.default) : null,
    module: commonJsShape(load, folder, namespace.default),
  };
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as RealJob;
// An entry point may be a program, and would read our arguments as its own.
process.argv.splice(1, Number.POSITIVE_INFINITY, HERE);
const tell = (event: RealEvent): void => appendFileSync(job.journal, `${JSON.stringify(event)}\n`);
for (const [index, load] of job.loads.entries()) {
  if (index < job.from) continue;
  tell({ type: 'begun', index });
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not loaded within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    tell({ type: 'loaded', index, real: await Promise.race([look(load, job.folder), tooLong]) });
  } catch (error) {
    tell({ type: 'threw', index, message: error instanceof Error ? error.message : String(error) });
  }
  clearTimeout(timer);
}
// Whatever the entry points left running must not keep this process alive.
process.exit(0);
