/**
 * Faults on demand, to watch Shakedown catch them: EXAMPLE_BREAK names the one to commit. A real API has
 * no such module.
 */
import { setTimeout } from 'node:timers/promises';
import { sql } from './database.ts';

const FAULTS = ['migration', 'lost-update', 'database-crash'] as const;
type Fault = (typeof FAULTS)[number];

const named = process.env.EXAMPLE_BREAK ?? '';
if (named !== '' && !FAULTS.some((fault) => fault === named)) {
  throw new Error(`EXAMPLE_BREAK=${named} is none of ${FAULTS.join(', ')}`);
}

export const hasFault = (fault: Fault): boolean => named === fault;

/** What is wrong with a migration, as SQL. */
export const migrationFault = (name: string): string =>
  hasFault('migration') && name.startsWith('2') ? 'ALTER TABLE baskets ADD COLUMN voucher text;' : '';

/** Reads, reckons, writes: whoever does the same at the same moment is forgotten. Returns whether there was enough. */
export async function takeCarelessly(product: number, quantity: number): Promise<boolean> {
  const [found] = await sql<{ stock: number }[]>`SELECT stock FROM products WHERE id = ${product}`;
  const left = (found?.stock ?? 0) - quantity;
  await setTimeout(20);
  if (left >= 0) await sql`UPDATE products SET stock = ${left} WHERE id = ${product}`;
  return left >= 0;
}

let orders = 0;

/** With the hundredth order a process of the database is killed, as by the kernel for want of memory. */
export async function spoilDatabase(): Promise<void> {
  if (hasFault('database-crash') && ++orders === 100) await sql`COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'`;
}
