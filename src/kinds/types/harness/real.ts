/**
 * Loads entry points of a package, and tells what each really exports. The journal is written before each load, so that
 * it tells which one ended the process.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { isModuleNamespaceObject } from 'node:util/types';
import type { EntryLoad } from '../../../core/entry.ts';
import { HERE, importHere, requireHere } from '../../common/harness/load-here.ts';
import type { RealEvent, RealExports, RealJob, ValueShape } from '../protocol.ts';

/** Some modules wait forever. Finding that out is not this program's job, so it does not wait long. */
const PATIENCE = 15_000;

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** What every object or function has is not an export. */
const COMMON = new Set<unknown>([Object.prototype, Function.prototype]);

/** Names along the chain of prototypes. A proxy may do anything when it is asked; one that throws has none. */
function allNames(value: object): string[] {
  const names = new Set<string>();
  let at: object | null = value;
  for (let depth = 0; at !== null && !COMMON.has(at) && depth < 20; depth++) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    at = Object.getPrototypeOf(at) as object | null;
  }
  return [...names];
}

function shapeOf(value: unknown): ValueShape {
  const kind = value === null ? 'null' : typeof value;
  if (!isObject(value))
    return { kind, own: [], all: [], isTranslated: false, default: null, isOwnDefault: false };
  const byName = value as Record<string, unknown>;
  const hasDefault = 'default' in value;
  return {
    kind,
    own: Object.keys(value),
    all: allNames(value),
    isTranslated: byName.__esModule === true,
    default: hasDefault ? typeof byName.default : null,
    isOwnDefault: hasDefault && byName.default === value,
  };
}

/** CommonJS modules, and they alone, are in the cache of `require` when they were imported. */
function commonJsShape(load: EntryLoad, folder: string, value: unknown): ValueShape | null {
  if (load.file.endsWith('.mjs')) return null;
  return requireHere.cache[`${folder}/${load.file}`] === undefined ? null : shapeOf(value);
}

async function look(load: EntryLoad, folder: string): Promise<RealExports> {
  if (load.form === 'require') {
    const value: unknown = requireHere(load.specifier);
    const shape = shapeOf(value);
    return {
      names: shape.all,
      default: null,
      module: isModuleNamespaceObject(value) ? null : shape,
    };
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
// The entry point may be a program and take our arguments for its own.
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
// What they left running does not matter to those who only load them.
process.exit(0);
