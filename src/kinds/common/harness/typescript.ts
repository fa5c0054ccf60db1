/**
 * Preloaded by `--import` where a Node cannot run TypeScript by itself: has tsx do it, in this thread. What is given
 * to Node as `--import tsx` reaches the main thread alone in Node 20, whereas this is loaded by each worker too.
 */
import { importHere, requireHere } from './here.ts';

interface Registrar {
  readonly register: () => void;
}

(requireHere('tsx/cjs/api') as Registrar).register();
((await importHere('tsx/esm/api')) as Registrar).register();
