// One of everything, and what is refused.
import assert from 'node:assert/strict';

async function ask(path: string, order?: unknown): Promise<{ status: number; body: unknown }> {
  const init = order === undefined ? {} : { method: 'POST', body: JSON.stringify(order) };
  const response = await fetch(`${process.env.API_URL}${path}`, init);
  return { status: response.status, body: await response.json() };
}

const stockOf = async (product: number): Promise<number> =>
  ((await ask(`/products/${product}`)).body as { stock: number }).stock;

assert.deepEqual(await ask('/health'), { status: 200, body: { status: 'ok' } });

const stock = await stockOf(1);
assert.deepEqual(await ask('/products/1'), { status: 200, body: { id: 1, name: 'lantern', stock } });
assert.equal((await ask('/products/5')).status, 404);
assert.equal((await ask('/products/one')).status, 404);

const { status, body } = await ask('/orders', { product: 1, quantity: 3 });
assert.equal(status, 201);
assert.deepEqual(body, { ...(body as object), product: 1, quantity: 3 });
assert.equal(await stockOf(1), stock - 3);

assert.equal((await ask('/orders', { product: 1, quantity: 0 })).status, 400);
assert.equal((await ask('/orders', { product: 1, quantity: stock })).status, 409);
assert.equal(await stockOf(1), stock - 3);
console.log('the shop sells what it has');
