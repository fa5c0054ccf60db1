#!/usr/bin/env node
// A command that does nothing by itself: it phones home over a socket, and the test decides what it does.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';

const [socketPath, id, ...args] = process.argv.slice(2);
const line = connect(socketPath);
const say = (message) => line.write(`${JSON.stringify(message)}\n`);

const ACTIONS = {
  print: ({ text }) => process.stdout.write(text),
  printError: ({ text }) => process.stderr.write(text),
  exit: ({ code }) => process.exit(code),
  raise: ({ signal }) => process.kill(process.pid, signal),
  // Says when its input has ended.
  hearInput: () => {
    process.stdin.on('end', () => say({ type: 'signal', signal: 'end of input' })).resume();
  },
  ignore: ({ signal }) => process.on(signal, () => say({ type: 'signal', signal })),
  // Answers every request with the status; the body tells who answered.
  listen: ({ port, host, status }) =>
    new Promise((resolve, reject) => {
      const server = createServer((_request, response) => {
        response.statusCode = status;
        response.end(`agent ${id}`);
      });
      server.once('error', reject);
      server.listen({ port, host }, () => resolve(server.address().port));
    }),
  // Another agent in a session of its own, which outlives this one.
  daemon: ({ id: other, clean }) => {
    const child = spawn(process.execPath, [process.argv[1], socketPath, other], {
      detached: true,
      stdio: 'ignore',
      env: clean ? {} : process.env,
    });
    child.unref();
    return child.pid;
  },
  // A child that keeps this one's output open.
  child: ({ id: other }) => {
    const child = spawn(process.execPath, [process.argv[1], socketPath, other], { stdio: 'inherit' });
    return child.pid;
  },
};

let buffered = '';
line.on('connect', () =>
  say({ type: 'hello', id, pid: process.pid, args, env: process.env, cwd: process.cwd() }),
);
line.on('error', () => process.exit(97));
// The test is over: an agent never outlives it.
line.on('close', () => process.exit(98));
line.on('data', async (chunk) => {
  buffered += chunk;
  for (let at = buffered.indexOf('\n'); at !== -1; at = buffered.indexOf('\n')) {
    const { call, action, ...options } = JSON.parse(buffered.slice(0, at));
    buffered = buffered.slice(at + 1);
    try {
      say({ type: 'done', call, value: (await ACTIONS[action](options)) ?? null });
    } catch (error) {
      say({ type: 'failed', call, message: error.message });
    }
  }
});
