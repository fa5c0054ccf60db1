/** Arguments on their way to threads: the same bytes for each, some of them in memory that all share. */
import { deserialize, serialize } from 'node:v8';
import type { Outcome } from './outcome.ts';

/** The arguments of one operation, and what a serial call makes of them. */
export interface Values {
  readonly args: readonly unknown[];
  readonly outcome: Outcome;
}

/** @throws when something among them cannot be handed to another thread, such as a function */
export const pack = (values: readonly Values[]): string => serialize(values).toString('base64');

/** Each call gives objects of their own. */
export const unpack = (packed: string): Values[] => deserialize(Buffer.from(packed, 'base64')) as Values[];

/** A copy that shares nothing; unlike `structuredClone` it leaves a Buffer a Buffer. */
export const copyOf = <T>(value: T): T => deserialize(serialize(value)) as T;

type View = Uint8Array | DataView;

function mapViews(value: unknown, replace: (view: View) => View): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return replace(value as View);
  if (Array.isArray(value)) return value.map((each) => mapViews(each, replace));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapViews(each, replace)]));
}

/** Copies the bytes among arguments, in the order in which they stand, to memory that can be shared. */
export function shareBytes(args: readonly unknown[]): SharedArrayBuffer[] {
  const blocks: SharedArrayBuffer[] = [];
  mapViews(args, (view) => {
    const block = new SharedArrayBuffer(view.byteLength);
    new Uint8Array(block).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    blocks.push(block);
    return view;
  });
  return blocks;
}

/** The same arguments over shared memory: each view of the type that it was. */
export function overShared(
  args: readonly unknown[],
  blocks: readonly SharedArrayBuffer[],
): readonly unknown[] {
  const left = [...blocks];
  return mapViews(args, (view) => {
    const block = left.shift();
    if (block === undefined) return view;
    if (Buffer.isBuffer(view)) return Buffer.from(block);
    const Type = view.constructor as new (buffer: SharedArrayBuffer) => View;
    return new Type(block);
  }) as readonly unknown[];
}
