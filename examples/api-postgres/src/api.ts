// The shop by HTTP, on 127.0.0.1:$PORT.
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { sql } from './database.ts';
import { findProduct, order } from './shop.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const [, resource, id] = (request.url ?? '/').split('/');
  switch (`${request.method} /${resource}`) {
    case 'GET /health':
      await sql`SELECT 1`;
      return { status: 200, body: { status: 'ok' } };
    case 'GET /products':
      return answerProduct(Number(id));
    case 'POST /orders':
      return answerOrder(await json(request));
    default:
      return { status: 404, body: { error: 'no such resource' } };
  }
}

async function answerProduct(id: number): Promise<Answer> {
  const product = isNumber(id) ? await findProduct(id) : undefined;
  if (product === undefined) return { status: 404, body: { error: 'no such product' } };
  return { status: 200, body: product };
}

async function answerOrder(wanted: unknown): Promise<Answer> {
  const { product, quantity } = (wanted ?? {}) as Record<string, unknown>;
  if (!isNumber(product) || !isNumber(quantity)) {
    return { status: 400, body: { error: 'an order has a product and a quantity' } };
  }
  const made = await order(product, quantity);
  if (made === undefined) return { status: 409, body: { error: 'not in stock' } };
  return { status: 201, body: made };
}

const isNumber = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 2 ** 31;

function apologise(error: unknown): Answer {
  if (error instanceof SyntaxError) return { status: 400, body: { error: 'not JSON' } };
  console.error(error);
  return { status: 500, body: { error: 'out of order' } };
}

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch(apologise);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('the shop is open'));
// Requests under way are still answered; with the last connection gone the process ends by itself.
process.once('SIGTERM', () => server.close(() => sql.end()));
