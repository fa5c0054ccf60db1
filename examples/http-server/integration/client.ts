// Asks the server on 127.0.0.1, at the port given as argument, for everything it serves, over several
// connections at once, and compares each answer byte for byte.
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { fail } from './fail.ts';
import { documentText, samples } from './samples.ts';

type Check = { method: string; path: string; send?: string; status: number; body: string };

const CONNECTIONS = 8;
const ROUNDS = 56;
const PATIENCE_MS = 10_000;

const checks: Check[] = [
  { method: 'GET', path: '/', status: 200, body: '{"status":"ok"}' },
  { method: 'GET', path: '/document', status: 200, body: documentText },
  ...samples.map(({ accepted, text, answer }) => ({
    method: 'POST',
    path: '/canonical',
    send: text,
    status: accepted ? 200 : 400,
    body: accepted ? answer : JSON.stringify({ error: answer }),
  })),
];

const port = Number(process.argv[2]);
if (!port) fail('usage: client PORT');

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const plan = Array.from({ length: ROUNDS }, () => checks).flat();
await Promise.all(plan.map(verify)).catch(fail);
agent.destroy();
console.log(`${plan.length} responses checked`);

async function verify({ method, path, send, status, body }: Check): Promise<void> {
  const what = `${method} ${path}`;
  const [response, received] = await exchange(method, path, send).catch((error: Error) => {
    throw new Error(`${what} got no answer: ${error.message}`);
  });
  if (response.statusCode !== status) {
    throw new Error(`${what} answered ${response.statusCode}, expected ${status}`);
  }
  if (received !== body) throw new Error(`${what} answered ${received}, expected ${body}`);
  // HTTP itself refuses a wrong length; what is left to see is that there was one.
  if (!response.headers['content-length']) throw new Error(`${what} answered without Content-Length`);
}

async function exchange(method: string, path: string, send?: string): Promise<[IncomingMessage, string]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const outgoing = request({ host: '127.0.0.1', port, agent, method, path, signal }).end(send);
  const [response]: IncomingMessage[] = await once(outgoing, 'response');
  if (!response) throw new Error('no response');
  return [response, await text(response)];
}
