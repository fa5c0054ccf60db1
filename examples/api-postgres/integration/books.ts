// After the load: what was sold is what is missing from the stock. A lost update shows here, and nowhere else.
import assert from 'node:assert/strict';
import { PRODUCTS } from '../database/products.ts';
import { sql } from '../src/database.ts';

const books = await sql<{ id: number; stock: number; sold: number }[]>`
  SELECT products.id, stock, coalesce(sum(quantity), 0)::integer AS sold
  FROM products LEFT JOIN orders ON orders.product = products.id GROUP BY products.id`;
await sql.end();

for (const { id, name, stock } of PRODUCTS) {
  const now = books.find((book) => book.id === id);
  assert(now !== undefined && now.sold > 0, `no ${name} was sold`);
  const missing = stock - now.stock;
  assert(missing === now.sold, `${now.sold} of ${name} were sold, but ${missing} are missing from the stock`);
}
console.log(`the books of ${PRODUCTS.length} products balance`);
