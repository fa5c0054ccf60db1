/**
 * Sends requests to a server that is being tried, instead of a client: `asker FILE PATH…`, with the port in PORT. Writes
 * the answer to each path to the file, as JSON. A separate program, since a client is a command.
 */
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Answer } from './tried.ts';

const ANSWERED_WITHIN = 10_000;

/** @returns the status; null if there was no HTTP answer */
function statusOf(path: string): Promise<number | null> {
  return new Promise((resolve) => {
    const asked = request(
      {
        host: 'localhost',
        port: process.env.PORT,
        path,
        headers: { 'User-Agent': 'shakedown' },
        timeout: ANSWERED_WITHIN,
      },
      (response) => {
        response.resume();
        response.once('close', () => resolve(response.statusCode ?? null));
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', () => resolve(null));
    asked.end();
  });
}

const [, , file = '', ...paths] = process.argv;
const answers: Answer[] = [];
for (const path of paths) answers.push({ path, status: await statusOf(path) });
writeFileSync(file, JSON.stringify(answers));
