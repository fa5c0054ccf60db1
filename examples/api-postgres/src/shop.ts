/** What a shop does, as far as its database is concerned. */
import { sql } from './database.ts';
import { hasFault, spoilDatabase, takeCarelessly } from './faults.ts';

export interface Product {
  readonly id: number;
  readonly name: string;
  readonly stock: number;
}

export interface Order {
  readonly id: string;
  readonly product: number;
  readonly quantity: number;
}

export async function findProduct(id: number): Promise<Product | undefined> {
  const [product] = await sql<Product[]>`SELECT id, name, stock FROM products WHERE id = ${id}`;
  return product;
}

/** Takes the goods out of the stock and writes the order, or does neither. Undefined: there are not enough of them. */
export async function order(product: number, quantity: number): Promise<Order | undefined> {
  await spoilDatabase();
  if (hasFault('lost-update')) {
    return (await takeCarelessly(product, quantity)) ? insertOrder(sql, product, quantity) : undefined;
  }
  return sql.begin(async (transaction) => {
    const taken = await transaction`
      UPDATE products SET stock = stock - ${quantity} WHERE id = ${product} AND stock >= ${quantity}`;
    return taken.count === 0 ? undefined : insertOrder(transaction, product, quantity);
  });
}

async function insertOrder(
  by: Pick<typeof sql, 'unsafe'>,
  product: number,
  quantity: number,
): Promise<Order | undefined> {
  const [made] = await by.unsafe<Order[]>(
    'INSERT INTO orders (product, quantity) VALUES ($1, $2) RETURNING id, product, quantity',
    [product, quantity],
  );
  return made;
}
