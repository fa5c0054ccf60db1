/**
 * client PORT: writes down when its process began, then makes a handful of requests and checks each answer. With
 * port 0 it only writes.
 */
const { Agent, get } = require('node:http');
const { record } = require('./record.cjs');

// `performance.now()` counts from the begin of this process, so Node's own start is not charged to the runner.
record('client-begins', process.hrtime.bigint() - BigInt(Math.round(performance.now() * 1e6)));

const REQUESTS = 5;
const agent = new Agent({ keepAlive: true });
const port = Number(process.argv[2] ?? 8001);

function ask(left) {
  if (left === 0) {
    agent.destroy();
    console.log(`${REQUESTS} answers, all good`);
    return;
  }
  get({ host: '127.0.0.1', port, path: '/', agent }, (response) => {
    let body = '';
    response.on('data', (chunk) => {
      body += chunk;
    });
    response.on('end', () => {
      if (response.statusCode !== 200 || body !== '{"ok":true}') throw new Error(`bad answer: ${body}`);
      // A socket goes back to the agent after this event.
      setImmediate(ask, left - 1);
    });
  });
}
if (port !== 0) ask(REQUESTS);
