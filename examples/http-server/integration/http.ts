// Serves the library on 127.0.0.1:$PORT. `--daemon` leaves the server behind in the background.
import { isUtf8 } from 'node:buffer';
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { canonicalize, JsonSyntaxError, type JsonValue, stringify } from '../src/index.ts';
import { type Answer, spoilAnswer, spoilPace } from './faults.ts';
import { document } from './samples.ts';
import { members } from './sessions.ts';

const port = Number(process.env.PORT || 8001);

if (process.argv.includes('--daemon')) daemonise();
else serve();

function daemonise(): void {
  // A session of its own and no shared streams, so that it outlives this process and its terminal.
  const server = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url)], {
    detached: true,
    stdio: 'ignore',
  });
  server.unref();
  console.log(`server started with pid ${server.pid}`);
}

function serve(): void {
  const server = createServer(async (request, response) => {
    await spoilPace(request.url);
    const { status, body, headers } = spoilAnswer(request.url, await answer(request).catch(apologise));
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(status === 204 ? {} : { 'content-length': body.length }),
      ...headers,
    });
    response.end(body);
  });
  server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}/`));
  // Requests under way are still answered; with the last connection gone the process ends by itself.
  process.once('SIGTERM', () => server.close());
}

async function answer(request: IncomingMessage): Promise<Answer> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return reply(200, { status: 'ok' });
    case 'GET /document':
      return reply(200, document);
    case 'POST /canonical':
      return canonical(await buffer(request));
    default:
      return (await ofMembers(request)) ?? reply(404, { error: 'no such resource' });
  }
}

async function ofMembers(request: IncomingMessage): Promise<Answer | undefined> {
  const { method = '', url: path = '', headers } = request;
  const body = (await buffer(request)).toString();
  return members({ method, path, headers, body }, (text) => canonical(Buffer.from(text)));
}

function canonical(body: Buffer): Answer {
  if (!isUtf8(body)) return reply(400, { error: 'not UTF-8' });
  try {
    return { status: 200, body: Buffer.from(canonicalize(body.toString())) };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return reply(400, { error: error.message });
    throw error;
  }
}

function apologise(error: unknown): Answer {
  console.error(error);
  return reply(500, { error: 'internal error' });
}

function reply(status: number, value: JsonValue): Answer {
  return { status, body: Buffer.from(stringify(value)) };
}
