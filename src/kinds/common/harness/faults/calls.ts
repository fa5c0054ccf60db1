/** A stand-in for a function wherever importers see it: looks like it, calls it, counts, and has one fault at most. */
import { isMainThread } from 'node:worker_threads';
import { SABOTAGE } from '../../../../core/module-fault.ts';
import type { Orders } from './orders.ts';
import { type Cell, LOOKED_AT } from './record.ts';
import { wrong } from './wrong.ts';

export type Callable = (...args: unknown[]) => unknown;

/** Makes a call in place of the function. */
type Fault = (raw: Callable, self: unknown, args: unknown[], cell: Cell) => unknown;

/** The original of each stand-in: a module that is handed one gets its own function back. */
const standsFor = new WeakMap<object, object>();

export const markStandIn = (standIn: object, raw: object): void => void standsFor.set(standIn, raw);
export const isStandIn = (value: object): boolean => standsFor.has(value);

export function unmasked<T>(value: T): T {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return value;
  return (standsFor.get(value) as T | undefined) ?? value;
}

const isAsync = (raw: Callable): boolean => Object.prototype.toString.call(raw) === '[object AsyncFunction]';

const isThenable = (value: unknown): value is Promise<unknown> => value instanceof Promise;

/** @param where the name of the function in messages */
function faultOf(orders: Orders, where: string): Fault | undefined {
  switch (orders.change) {
    case 'raises':
      return raising(`${SABOTAGE}: ${where} throws this`);
    case 'returns-nothing':
      return losing;
    case 'wrong-result':
      return wrongResult;
    case 'wrong-in-worker':
      return isMainThread ? undefined : wrongResult;
    case 'slow':
      return late(orders.delayMs);
    default:
      return undefined;
  }
}

const wrongResult: Fault = (raw, self, args, cell) =>
  wrong(Reflect.apply(raw, self, args), {
    now: () => {
      cell.changed += 1;
    },
    late: () => cell.changeLate(),
  });

const losing: Fault = (raw, self, args, cell) => {
  const result = Reflect.apply(raw, self, args);
  if (isThenable(result))
    return result.then((value) => {
      if (value !== undefined) cell.changeLate();
    });
  if (result !== undefined) cell.changed += 1;
  return undefined;
};

const raising =
  (message: string): Fault =>
  (raw, _self, _args, cell) => {
    cell.changed += 1;
    const error = new Error(message);
    if (isAsync(raw)) return Promise.reject(error);
    throw error;
  };

const late =
  (delayMs: number): Fault =>
  (raw, self, args, cell) => {
    cell.changed += 1;
    if (isAsync(raw))
      return new Promise((resolve) => setTimeout(resolve, delayMs)).then(() =>
        Reflect.apply(raw, self, args),
      );
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
    return Reflect.apply(raw, self, args);
  };

/** How many calls from outside are in progress in this thread. */
export const going = { depth: 0 };

/** Makes calls that are counted. */
export type Caller = (self: unknown, args: unknown[]) => unknown;

/** @param after called after each call: exports of the module may have changed */
export function callerOf(
  raw: Callable,
  cell: Cell,
  orders: Orders,
  where: string | null,
  after: () => void,
): Caller {
  const fault = where === null ? undefined : faultOf(orders, where);
  return (self, args) => {
    cell.calls += 1;
    const isEarly = cell.calls <= LOOKED_AT;
    // Before the call, since one that never returns counts too.
    if (cell.calls >= cell.next && (!isEarly || cell.calls === 1)) cell.tell();
    going.depth += 1;
    try {
      const result = fault === undefined ? Reflect.apply(raw, self, args) : fault(raw, self, args, cell);
      if (isEarly) cell.look(result);
      return result;
    } finally {
      going.depth -= 1;
      if (isEarly) cell.tell();
      after();
    }
  };
}
