// Fills the shop.
import { sql } from '../src/database.ts';
import { PRODUCTS } from './products.ts';

await sql`INSERT INTO products ${sql(PRODUCTS, 'id', 'name', 'stock')}`;
await sql.end();
console.log(`${PRODUCTS.length} products`);
