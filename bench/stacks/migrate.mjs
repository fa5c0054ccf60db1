import { askDb } from './ask-db.mjs';

await askDb('migrate');
