// Brings the database up to the last of the migrations, each of which is applied as a whole, and once.
import { readdirSync, readFileSync } from 'node:fs';
import { sql } from '../src/database.ts';
import { migrationFault } from '../src/faults.ts';

const FOLDER = new URL('migrations/', import.meta.url);

await sql`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)`;
const done = new Set((await sql<{ name: string }[]>`SELECT name FROM migrations`).map(({ name }) => name));

for (const name of readdirSync(FOLDER).sort()) {
  if (done.has(name)) continue;
  await sql.begin(async (transaction) => {
    await transaction.unsafe(readFileSync(new URL(name, FOLDER), 'utf8') + migrationFault(name));
    await transaction`INSERT INTO migrations (name) VALUES (${name})`;
  });
  console.log(`applied ${name}`);
}
await sql.end();
