/** Why a finding is real: looked into by hand, without Shakedown, and told in words for the document. */

export interface Proof {
  readonly spec: string;
  /** The component and the code of the finding, as the table names them. */
  readonly finding: string;
  /** In Markdown; commands are run in a folder in which the package and typescript@5.9.3 are installed. */
  readonly proof: string;
}

const CHECK = '`tsc --noEmit --module node16 --skipLibCheck` is content with it';

export const PROOFS: readonly Proof[] = [
  {
    spec: '@napi-rs/package-template@1.0.0',
    finding: 'threads: thread-crash',
    proof:
      'This alone ends by SIGSEGV, three times out of three: `node --eval \'new (require("worker_threads").Worker)("require(\\"@napi-rs/package-template\\")", { eval: true })\'`. With `require("@napi-rs/package-template")` before it, in the main thread, it does not: the library that was loaded by the worker alone is unmapped while the worker still ends.',
  },
  {
    spec: '@napi-rs/package-template@1.0.0',
    finding: 'init: init-failed',
    proof: 'The same crash, seen by the scenario `worker`.',
  },
  {
    spec: '@napi-rs/package-template@1.0.0',
    finding: 'types: unimportable-export',
    proof: `A module of the line \`import { sync } from '@napi-rs/package-template'\`: ${CHECK}, and Node says "Named export 'sync' not found".`,
  },
  {
    spec: 'sharp@0.35.5',
    finding: 'types: missing-export',
    proof: `A module of the line \`import { cache } from 'sharp'\`: ${CHECK} (\`dist/index.d.mts\` has \`export function cache\`), and Node says "The requested module 'sharp' does not provide an export named 'cache'". \`dist/index.mjs\` exports nothing but a default.`,
  },
  {
    spec: 'vue@3.5.45',
    finding: 'types: missing-export',
    proof: `\`dist/vue.d.ts\` and \`dist/vue.d.mts\` have \`export declare function compileToFunction\`, where only \`export { compileToFunction as compile }\` is meant. A module of the line \`import { compileToFunction } from 'vue'\`: ${CHECK}, and Node says "The requested module 'vue' does not provide an export named 'compileToFunction'".`,
  },
  {
    spec: 'undici@7.30.2',
    finding: 'types: missing-export',
    proof: `\`types/fetch.d.ts\` has \`export class BodyMixin\`, a class that undici does not export. A module of the line \`import { BodyMixin } from 'undici'\`: ${CHECK}, and Node says "Named export 'BodyMixin' not found".`,
  },
  {
    spec: 'undici@7.30.2',
    finding: 'types: wrong-default',
    proof:
      '`index.d.ts` of this CommonJS package has `export default Undici`, so TypeScript lets a CommonJS module write `undici.default`; `node --print \'"default" in require("undici")\'` prints `false`.',
  },
  {
    spec: 'yargs@18.2.0',
    finding: 'types: type-error',
    proof:
      "`browser.d.ts` has an import without an extension in a package of ES modules. A module of the line `import 'yargs/browser'`, checked by `tsc --noEmit --module node16`, gives that very error: TS2835 at `node_modules/yargs/browser.d.ts(1,28)`.",
  },
  {
    spec: 'date-fns@4.4.0',
    finding: 'types: type-error',
    proof:
      '`addDays.d.cts` begins with `import type { … } from "./types.ts"`, which from a CommonJS module means the ES module `types.d.ts`, and not `types.d.cts` beside it. A module of the line `import dates = require(\'date-fns\')`, checked by `tsc --noEmit --module node16`, gives hundreds of such errors in `node_modules/date-fns`.',
  },
  {
    spec: 'winston@3.19.0',
    finding: 'types: missing-export',
    proof: `\`index.d.ts\` has \`class Profiler\` in its namespace, and winston exports none: it is what \`startTimer()\` returns. A module of the line \`import { Profiler } from 'winston'\`: ${CHECK}, and Node says "Named export 'Profiler' not found".`,
  },
];
