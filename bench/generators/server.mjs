/** A server as most begin: node:http and one answer. The port is its argument. */
import { createServer } from 'node:http';

createServer((_, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end('hello, shakedown\n');
}).listen(Number(process.argv[2]), '127.0.0.1');
