/** A plain server on $PORT. It writes down its pid, and the time from which it accepts connections. */
const { createServer } = require('node:http');
const { record } = require('./record.cjs');

record('server.pid', process.pid);
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"ok":true}');
});
server.listen(Number(process.env.PORT ?? 8001), '127.0.0.1', () => {
  // The monotonic clock is the machine's: what another process reads from it can be compared.
  record('server-accepts', process.hrtime.bigint());
});
