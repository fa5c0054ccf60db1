/** An API that does not start on a database that is missing or empty. */
import { createServer } from 'node:http';
import { askDb } from './ask-db.mjs';
import { record } from './record.mjs';

if ((await askDb('state')) !== 'migrated') throw new Error('the database has not been migrated');
const server = createServer((_, response) => response.end('ready\n'));
server.listen(Number(process.env.API_PORT), '127.0.0.1', () => record('api-accepts'));
process.on('SIGTERM', () => process.exit());
