/** What all this is started for. */
import { record } from './record.mjs';

record('check-begins');
const { status } = await fetch(`http://127.0.0.1:${process.env.API_PORT}/health`);
if (status !== 200) process.exitCode = 1;
