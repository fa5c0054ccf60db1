// Entry of each worker thread. Node 20 does not hand the TypeScript loader on to its workers, so each
// registers it for itself, which only JavaScript can do.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.script);
