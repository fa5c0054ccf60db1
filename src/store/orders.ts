/**
 * What others ask of a run that holds services: to end one of them. Each order is an empty file in a folder of the run, called after
 * the service, which stays until that is done. Unlike a signal it carries a name, and unlike a socket it needs nobody who listens.
 * Like all that is on disk, it counts only if it is ours.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeIfThere } from '../files/remove.ts';
import { makeOwnFolder, PRIVATE_FILE, whyNotOurs } from './ours.ts';
import { ordersPath, runnerPath } from './run-directory.ts';

/** A name may have a colon. @param run absolute path of its folder, as everywhere here */
const fileOf = (run: string, name: string): string => join(ordersPath(run), encodeURIComponent(name));

/**
 * Asks a run to end a service; one that has finished is left alone.
 *
 * @throws NotOurs, or the file system's error
 */
export function orderEnd(run: string, name: string): void {
  if (!existsSync(runnerPath(run))) return;
  makeOwnFolder(ordersPath(run));
  writeFileSync(fileOf(run, name), '', { flag: 'a', mode: PRIVATE_FILE });
}

/** What has become of an order: it is `lost` if somebody has removed the folder. */
export function orderState(run: string, name: string): 'open' | 'done' | 'lost' {
  if (existsSync(fileOf(run, name))) return 'open';
  return existsSync(ordersPath(run)) ? 'done' : 'lost';
}

/** @returns the names of the services that are to be ended */
export function openOrders(run: string): string[] {
  const folder = ordersPath(run);
  try {
    if (whyNotOurs(folder) !== undefined) return [];
    return readdirSync(folder)
      .filter((file) => whyNotOurs(join(folder, file)) === undefined)
      .map(decodeURIComponent);
  } catch {
    // As a rule there is no such folder.
    return [];
  }
}

export const settleOrder = (run: string, name: string): void => removeIfThere(fileOf(run, name));
