/** The products that every test begins with; the load draws from the same file. */
import { readFileSync } from 'node:fs';
import type { Product } from '../src/shop.ts';

const [, ...lines] = readFileSync(new URL('products.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n');

export const PRODUCTS: readonly Product[] = lines.map((line) => {
  const [id, name = '', stock] = line.split(',');
  return { id: Number(id), name, stock: Number(stock) };
});
