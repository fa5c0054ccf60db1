/**
 * Preloaded by `--import` where a Node cannot run TypeScript by itself: has tsx do it, in this thread. What is given
 * to Node as `--import tsx` reaches the main thread alone in Node 20, whereas this is loaded by each worker too.
 */
import { importHere, requireHere } from './here.ts';

/** A thread of Shakedown's own in which jiti loads it, and not one of a worker or child that the module under test starts. */
const isByJiti = /\/harness-init\.js$/.test(process.argv[1] ?? '') && process.argv[2] === 'by-jiti';

interface Registrar {
  readonly register: () => void;
}

if (!isByJiti) {
  (requireHere('tsx/cjs/api') as Registrar).register();
  ((await importHere('tsx/esm/api')) as Registrar).register();
}
