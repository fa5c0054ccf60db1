/** Makes other values of the same types: a number plus one, a text with one other character, a list without its last item. */
import { types } from 'node:util';

/** There is nothing to change. */
export const SAME = Symbol('same');

/** How deep the value to be changed may lie. */
const DEEPEST = 4;

type Changed = () => void;

/** To be called when something was changed: within the call, or after it. */
export interface Counting {
  readonly now: Changed;
  readonly late: Changed;
}

/**
 * Makes a result wrong. One that arrives later, or bit by bit, becomes wrong when it arrives.
 */
export function wrong(result: unknown, changed: Counting): unknown {
  if (types.isPromise(result)) return result.then((value: unknown) => counted(value, changed.late));
  if (isGenerator(result)) return wrongItems(result, changed.late);
  return counted(result, changed.now);
}

function counted(value: unknown, changed: Changed): unknown {
  const another = other(value);
  if (another === SAME) return value;
  changed();
  return another;
}

type AnyIterator = { next(...args: unknown[]): unknown; [key: string | symbol]: unknown };

/** Whether it is the iterator of a generator, a list or a map. */
const isGenerator = (value: unknown): value is AnyIterator =>
  typeof value === 'object' &&
  value !== null &&
  /^\[object (?:(?:Async)?Generator|(?:Array|Map|Set|String|RegExp String) Iterator|Iterator Helper)\]$/.test(
    Object.prototype.toString.call(value),
  );

/** The same iterator, but the first item that can be changed is changed. */
function wrongItems(iterator: AnyIterator, changed: Changed): AnyIterator {
  let isChanged = false;
  const once = (step: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (isChanged) return step;
    const value = counted(step.value, () => {
      isChanged = true;
      changed();
    });
    return isChanged ? { ...step, value } : step;
  };
  const pass =
    (name: string) =>
    (...args: unknown[]): unknown => {
      const step = (iterator[name] as (...args: unknown[]) => unknown).apply(iterator, args);
      return types.isPromise(step)
        ? step.then((each) => once(each as IteratorResult<unknown>))
        : once(step as IteratorResult<unknown>);
    };
  const another = Object.create(Object.getPrototypeOf(iterator)) as AnyIterator;
  for (const name of ['next', 'return', 'throw'])
    if (typeof iterator[name] === 'function')
      Object.defineProperty(another, name, { value: pass(name), configurable: true, writable: true });
  return another;
}

/** Another value of the same type; `SAME` if there is none. */
export function other(value: unknown, depth = 0): unknown {
  try {
    switch (typeof value) {
      case 'boolean':
        return !value;
      case 'number':
        return otherNumber(value);
      case 'bigint':
        return value + 1n;
      case 'string':
        return otherText(value);
      case 'object':
        return value === null ? SAME : otherObject(value, depth);
      default:
        return SAME;
    }
  } catch {
    return SAME;
  }
}

const otherNumber = (value: number): number =>
  Number.isFinite(value) ? (value + 1 === value ? value / 2 : value + 1) : 0;

const isPlain = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** Which character to change: the letter or digit nearest to the middle. */
function placeIn(length: number, codeAt: (at: number) => number): number {
  const middle = Math.floor(length / 2);
  for (let distance = 0; distance <= middle; distance++)
    for (const at of [middle + distance, middle - distance])
      if (at >= 0 && at < length && isPlain(codeAt(at))) return at;
  return middle;
}

/** A digit stays a digit, and a letter keeps its case. */
function otherCode(code: number): number {
  for (const [first, last] of [
    [48, 57],
    [65, 90],
    [97, 122],
  ] as const)
    if (code >= first && code <= last) return code === last ? first : code + 1;
  return code ^ 1;
}

function otherText(value: string): string {
  if (value === '') return 'x';
  const at = placeIn(value.length, (index) => value.charCodeAt(index));
  return value.slice(0, at) + String.fromCharCode(otherCode(value.charCodeAt(at))) + value.slice(at + 1);
}

function otherObject(value: object, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return otherView(value);
  if (types.isAnyArrayBuffer(value)) return otherBuffer(value);
  if (types.isDate(value)) return new Date(value.getTime() + 1000);
  if (types.isMap(value)) return otherMap(value, depth);
  if (types.isSet(value)) return otherSet(value);
  if (Array.isArray(value)) return otherArray(value, depth);
  if (value instanceof URL) return otherUrl(value);
  // These are tied to something outside, or contain what cannot be copied.
  if (types.isProxy(value) || types.isPromise(value) || types.isRegExp(value) || types.isNativeError(value))
    return SAME;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || types.isModuleNamespaceObject(value)
    ? otherPlain(value, depth)
    : otherInstance(value);
}

/** Whose elements have many bytes: one other bit may be less than checks allow for rounding. */
const WIDE = /^\[object (?:Float|Big(?:Int|Uint))\d+Array\]$/;

function otherElement(value: Float64Array | BigInt64Array): unknown {
  if (value.length === 0) return SAME;
  const copy = value.slice();
  copy[0] = other(copy[0]) as number & bigint;
  return copy;
}

function otherView(value: ArrayBufferView): unknown {
  if (WIDE.test(Object.prototype.toString.call(value))) return otherElement(value as Float64Array);
  const copy = Buffer.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (copy.length === 0) return SAME;
  const at = placeIn(copy.length, (index) => copy[index] ?? 0);
  copy[at] =
    Buffer.isBuffer(value) || value instanceof Uint8Array ? otherCode(copy[at] ?? 0) : (copy[at] ?? 0) ^ 1;
  if (Buffer.isBuffer(value)) return copy;
  const bytes = new Uint8Array(copy).buffer;
  const made = value as unknown as { constructor: new (bytes: ArrayBuffer) => unknown };
  return new made.constructor(bytes);
}

function otherBuffer(value: ArrayBufferLike): unknown {
  if (!(value instanceof ArrayBuffer) || value.byteLength === 0) return SAME;
  return (otherView(new Uint8Array(value)) as Uint8Array).buffer;
}

function otherUrl(value: URL): URL {
  const another = new URL(value);
  another.pathname = otherText(value.pathname === '/' ? '/x' : value.pathname);
  return another;
}

function otherMap(value: Map<unknown, unknown>, depth: number): unknown {
  const copy = new Map(value);
  for (const [key, each] of value) {
    const another = depth < DEEPEST ? other(each, depth + 1) : SAME;
    if (another === SAME) continue;
    return copy.set(key, another);
  }
  const [first] = value.keys();
  if (value.size === 0) copy.set('shakedown', null);
  else copy.delete(first);
  return copy;
}

function otherSet(value: Set<unknown>): unknown {
  const copy = new Set(value);
  const [last] = [...value].reverse();
  if (value.size === 0) copy.add(undefined);
  else copy.delete(last);
  return copy;
}

function otherArray(value: readonly unknown[], depth: number): unknown {
  if (value.length > 1) return value.slice(0, -1);
  if (value.length === 0) return [undefined];
  const another = depth < DEEPEST ? other(value[0], depth + 1) : SAME;
  return another === SAME ? [] : [another];
}

/** A copy with one value changed. */
function otherPlain(value: object, depth: number): unknown {
  const keys = Object.keys(value);
  const properties = Object.getOwnPropertyDescriptors(value) as Record<string, PropertyDescriptor>;
  const copied = (changes: Record<string, PropertyDescriptor>): unknown =>
    Object.create(Object.getPrototypeOf(value) as object | null, { ...properties, ...changes });
  for (const key of keys) {
    const property = properties[key];
    if (property === undefined || !('value' in property) || depth >= DEEPEST) continue;
    const another = other(property.value, depth + 1);
    if (another !== SAME) return copied({ [key]: { ...property, value: another } });
  }
  return keys.length === 0
    ? copied({ shakedown: { value: null, enumerable: true, writable: true, configurable: true } })
    : SAME;
}

const changedInstances = new WeakSet<object>();

/** Changed in place, since its private parts cannot be copied; only once, since it may be returned again. */
function otherInstance(value: object): unknown {
  if (changedInstances.has(value)) return SAME;
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    const isScalar = ['string', 'number', 'boolean', 'bigint'].includes(typeof property.value);
    if (key.startsWith('_') || !property.enumerable || !property.writable || !isScalar) continue;
    changedInstances.add(value);
    (value as Record<string, unknown>)[key] = other(property.value);
    return value;
  }
  return SAME;
}
