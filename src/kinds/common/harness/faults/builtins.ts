/** The classes of the language and of Node: a module may export them or an instance, but their methods are everyone's. */
import { createRequire, isBuiltin } from 'node:module';

const load = createRequire(__filename);

const isOfLanguage = (value: unknown): boolean => {
  if (typeof value !== 'function') return false;
  return Reflect.get(globalThis, value.name) === value || value === Object.getPrototypeOf(Int8Array);
};

/** What the modules of Node that are loaded export; no others are loaded for this. */
function classesOfNode(): Set<unknown> {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  const names = moduleLoadList.map((each) => each.replace(/^NativeModule /, ''));
  const exported = names
    .filter((name) => !name.startsWith('internal/') && isBuiltin(name))
    .map((name) => load(name) as object);
  return new Set(
    exported.flatMap((each) => [
      each,
      ...Object.values(Object.getOwnPropertyDescriptors(each)).map(({ value }) => value as unknown),
    ]),
  );
}

const known = new WeakMap<object, boolean>();

export function isBuiltinClass(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const isKnown = known.get(value) ?? (isOfLanguage(value) || classesOfNode().has(value));
  known.set(value, isKnown);
  return isKnown;
}

/** @param prototype where methods are looked for */
export const isBuiltinPrototype = (prototype: object): boolean => {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return isBuiltinClass(maker) && (maker as { prototype: unknown }).prototype === prototype;
};
