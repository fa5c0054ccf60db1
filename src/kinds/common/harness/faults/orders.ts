/** The orders for the hooks of a process. */
import { readFileSync } from 'node:fs';
import type { ModuleFault } from '../../../../core/module-fault.ts';

export type Orders = ModuleFault & {
  /** Absolute path of the folder for the records. */
  readonly folder: string;
};

/** @returns undefined when there are none for this runtime, or the run is over */
export function readOrders(path: string | undefined): Orders | undefined {
  if (path === undefined) return undefined;
  try {
    const orders = JSON.parse(readFileSync(path, 'utf8')) as Orders;
    return orders.runtime === 'node' ? orders : undefined;
  } catch {
    return undefined;
  }
}
