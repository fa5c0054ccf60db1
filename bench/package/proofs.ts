/** Why a finding is real: checked by hand, without Shakedown, and described for the document. */

export interface Proof {
  readonly spec: string;
  /** The component and the code of the finding, as the table names them. */
  readonly finding: string;
  /** In Markdown; commands are run in a folder in which the package and typescript@5.9.3 are installed. */
  readonly proof: string;
}

const CHECK = '`tsc --noEmit --module node16 --skipLibCheck` accepts it';

export const PROOFS: readonly Proof[] = [
  {
    spec: '@napi-rs/package-template@1.0.0',
    finding: 'threads: thread-crash',
    proof:
      'This command alone is killed by SIGSEGV, three times out of three: `node --eval \'new (require("worker_threads").Worker)("require(\\"@napi-rs/package-template\\")", { eval: true })\'`. With `require("@napi-rs/package-template")` before it, in the main thread, it is not: a library that only the worker has loaded is unmapped before the worker has ended.',
  },
  {
    spec: '@napi-rs/package-template@1.0.0',
    finding: 'init: init-failed',
    proof: 'The same crash, in the scenario `worker`.',
  },
  {
    spec: '@napi-rs/package-template@1.0.0',
    finding: 'types: unimportable-export',
    proof: `A module with the line \`import { sync } from '@napi-rs/package-template'\`: ${CHECK}, but Node says "Named export 'sync' not found".`,
  },
  {
    spec: 'sharp@0.35.5',
    finding: 'types: missing-export',
    proof: `A module with the line \`import { cache } from 'sharp'\`: ${CHECK} (\`dist/index.d.mts\` has \`export function cache\`), but Node says "The requested module 'sharp' does not provide an export named 'cache'". \`dist/index.mjs\` exports only a default.`,
  },
  {
    spec: 'vue@3.5.45',
    finding: 'types: missing-export',
    proof: `\`dist/vue.d.ts\` and \`dist/vue.d.mts\` have \`export declare function compileToFunction\`, where only \`export { compileToFunction as compile }\` is meant. A module with the line \`import { compileToFunction } from 'vue'\`: ${CHECK}, but Node says "The requested module 'vue' does not provide an export named 'compileToFunction'".`,
  },
  {
    spec: 'undici@7.30.2',
    finding: 'types: missing-export',
    proof: `\`types/fetch.d.ts\` has \`export class BodyMixin\`, a class that undici does not export. A module with the line \`import { BodyMixin } from 'undici'\`: ${CHECK}, but Node says "Named export 'BodyMixin' not found".`,
  },
  {
    spec: 'undici@7.30.2',
    finding: 'types: wrong-default',
    proof:
      '`index.d.ts` of this CommonJS package has `export default Undici`, so TypeScript lets a CommonJS module write `undici.default`; `node --print \'"default" in require("undici")\'` prints `false`.',
  },
  {
    spec: 'date-fns@4.4.0',
    finding: 'types: type-error',
    proof:
      '`addDays.d.cts` begins with `import type { … } from "./types.ts"`, which from a CommonJS module means the ES module `types.d.ts`, not `types.d.cts` beside it. A module with the line `import dates = require(\'date-fns\')`, checked by `tsc --noEmit --module node16`, gives hundreds of such errors in `node_modules/date-fns`.',
  },
  {
    spec: 'winston@3.19.0',
    finding: 'types: missing-export',
    proof: `\`index.d.ts\` has \`class Profiler\` in its namespace, but winston exports none: it is what \`startTimer()\` returns. A module with the line \`import { Profiler } from 'winston'\`: ${CHECK}, but Node says "Named export 'Profiler' not found".`,
  },
  {
    spec: 'dayjs@1.11.23',
    finding: 'types: missing-export',
    proof: `\`index.d.ts\` has \`class Dayjs\` in its namespace, but dayjs has no property of that name. A module with the line \`import { Dayjs } from 'dayjs'\`: ${CHECK}, even where it is used as a value, but Node says "Named export 'Dayjs' not found".`,
  },
  {
    spec: 'prettier@3.10.1',
    finding: 'types: missing-export',
    proof: `\`index.d.ts\` has \`export class AstPath\`, but prettier exports none. A module with the line \`import { AstPath } from 'prettier'\`: ${CHECK}, even where it is used as a value, but Node says "The requested module 'prettier' does not provide an export named 'AstPath'".`,
  },
  {
    spec: 'prettier@3.10.1',
    finding: 'types: unimportable-export',
    proof: `A module with the line \`import { parsers } from 'prettier/plugins/acorn.js'\`: ${CHECK}, but Node says "Named export 'parsers' not found": the file is CommonJS in a form in which Node finds no names. The files that end in \`.mjs\` are in order.`,
  },
  {
    spec: 'cac@6.7.14',
    finding: 'types: wrong-default',
    proof:
      "A module with the line `import cac from 'cac'` that calls `cac('x')` works in Node, but `tsc --noEmit --module node16 --skipLibCheck` rejects it: TS2349, \"This expression is not callable\". The declarations of the ES module are those of a CommonJS module.",
  },
  {
    spec: 'mitt@3.0.1',
    finding: 'types: wrong-default',
    proof: `A module with the line \`import mitt from 'mitt'\` that calls \`mitt()\` works in Node, but \`tsc --noEmit --module node16 --skipLibCheck\` rejects it: TS2349, "This expression is not callable". A CommonJS module with \`import m = require('mitt')\` that calls \`m.default()\`: ${CHECK}, but \`node --print '"default" in require("mitt")'\` prints \`false\`.`,
  },
  {
    spec: 'drizzle-orm@0.45.4',
    finding: 'types: type-error',
    proof:
      'A module that has nothing but `import { sql } from \'drizzle-orm\'` and a use of it: `tsc --noEmit --module node16 --target es2022 --strict` gives 70 errors, all in `node_modules/drizzle-orm`; 11 of them lack the optional peer `gel`, the others (TS2515, TS2344, TS2420, …) lack nothing. A CommonJS module that imports a type of `gel-core/columns/date.common.cjs` gets the TS1542 of the finding, in that place: `.d.cts` says `import("../../column-builder.ts")`, which means the ES module. With `--skipLibCheck` the first module has no error, and so the finding begins with these words.',
  },
  {
    spec: 'drizzle-orm@0.45.4',
    finding: 'api: breaking-change',
    proof:
      "With 0.45.3 and 0.45.4 installed beside each other, `const n: ConstructorParameters<typeof PostgresJsPreparedQuery>['length'] = 9` is accepted for the former, and refused for the latter by `tsc --noEmit --module node16 --strict --skipLibCheck`: TS2322, \"Type '9' is not assignable to type '10 | 11'\". A parameter `prepare: boolean` was put in front of the last one.",
  },
  {
    spec: 'lit@3.3.3',
    finding: 'reactive-element:entries: missing-file',
    proof:
      '`node --eval \'import("@lit/reactive-element/polyfill-support.js")\'` says "Cannot find module …/node/polyfill-support.js": the condition `node` of that entry point names a file that is not in the package. Those that browsers load are there.',
  },
  {
    spec: 'jest-diff@30.5.2',
    finding: 'pretty-format:types: wrong-default',
    proof: `A module with the line \`import format from 'pretty-format'\` that calls \`format(1)\` works in Node, but \`tsc --noEmit --module node16 --skipLibCheck\` rejects it: TS2349, "This expression is not callable". \`exports\` gives an import the same declarations as a \`require\`, those of a CommonJS module.`,
  },
  {
    spec: 'jest-diff@30.5.2',
    finding: 'diff-sequences:types: wrong-default',
    proof: "The same, with `import diff from '@jest/diff-sequences'` and `diff(1, 1, () => true, () => {})`.",
  },
  {
    spec: 'preact@11.2.0',
    finding: 'types: missing-export',
    proof: `Modules with the line \`import { ToggleEvent } from 'preact'\`, and \`import { unstable_ImmediatePriority } from 'preact/compat'\`, that use it as a value: ${CHECK}, but Node says "The requested module 'preact' does not provide an export named 'ToggleEvent'", and the same of the other. \`src/dom.d.ts\` has \`declare var ToggleEvent\` for the global of that name, and all that such a file declares is exported.`,
  },
  {
    spec: 'valibot@1.5.0',
    finding: 'types: type-error',
    proof:
      "A CommonJS module with `import v = require('valibot')`: `tsc --noEmit --module node16 --strict` gives 18 errors in `node_modules/valibot` with TypeScript 5.0.4, none with 5.9.3, and with `--skipLibCheck` none in either. `peerDependencies` of valibot allow `typescript` from 5.",
  },
  {
    spec: 'vue@3.5.45',
    finding: 'api: breaking-change',
    proof:
      'In `dist/runtime-core.d.ts` of `@vue/runtime-core`, which vue exports whole, `resolveTransitionHooks` has a fifth parameter, `postClone?`, in 3.5.44, and none in 3.5.45. A call that gives it was accepted, and is refused now.',
  },
  {
    spec: 'jotai@3.0.1',
    finding: 'init@node22: init-failed',
    proof:
      'Inconclusive, and no mistake: `react` is an optional peer, which nobody has installed. `--peers highest` installs it.',
  },
  {
    spec: 'jotai@3.0.1',
    finding: 'threads@node22: cannot-load',
    proof: 'The same.',
  },
  {
    spec: 'svelte@5.57.3',
    finding: 'types: missing-export',
    proof: `A module with \`import { SvelteComponent } from 'svelte'\` that uses it as a value: ${CHECK}, and in Node \`'SvelteComponent' in await import('svelte')\` is false. What Node loads is for rendering on a server, and has no such class.`,
  },
  {
    spec: 'chart.js@4.6.1',
    finding: 'types: missing-export',
    proof: `A module with \`import { UpdateModeEnum, Animator } from 'chart.js'\` that uses both as values: ${CHECK}, and neither is \`in await import('chart.js')\`. There is an \`animator\`, with a small letter.`,
  },
  {
    spec: 'chart.js@4.6.1',
    finding: 'types: wrong-default',
    proof:
      "A CommonJS module with `import auto = require('chart.js/auto')` and `auto.default.name`: `tsc --noEmit --module nodenext --skipLibCheck` accepts it, and in Node 20 `require('chart.js/auto')` is the class `Chart` itself, without `default`.",
  },
  {
    spec: 'mongoose@9.12.1',
    finding: 'types: missing-export',
    proof: `A module with \`import { Cursor, NativeBuffer } from 'mongoose'\` that uses both as values: ${CHECK}, and neither is in the module, nor in its default export.`,
  },
  {
    spec: 'mongoose@9.12.1',
    finding: 'types: unimportable-export',
    proof: `A module with \`import { BaseCollection, Collection, connection } from 'mongoose'\`: ${CHECK}, and all three are properties of the default export alone: Node does not find them among the names of this CommonJS module.`,
  },
  {
    spec: 'react-select@5.10.2',
    finding: 'api@peers-lowest: breaking-change',
    proof:
      "`Select.d.ts` of 5.10.1 has `isAppleDevice: boolean` in the class `Select`, and that of 5.10.2 in the interface of its state. With `declare const select: InstanceType<typeof base.default>` of `import base = require('react-select/base')`, `select.isAppleDevice` is accepted by `tsc --noEmit --module node16 --strict --skipLibCheck` for the former, and refused for the latter: TS2339.",
  },
  {
    spec: 'react-select@5.10.2',
    finding: 'api@peers-highest: breaking-change',
    proof: 'The same.',
  },
  {
    spec: 'vite@8.4.0',
    finding: 'api: breaking-change',
    proof:
      "`const config: UserConfig = { optimizeDeps: { rollupOptions: {} } }`, with `import type { UserConfig } from 'vite'`, is accepted for 8.3.8 by `tsc --noEmit --module node16 --strict --skipLibCheck`, and refused for 8.4.0: TS2353. `DepOptimizationConfig` has `rollupOptions`, as deprecated, in the `dist/node/index.d.ts` of the former alone.",
  },
  {
    spec: 'effect@4.1.0',
    finding: 'api: breaking-change',
    proof:
      "`node --input-type=module --eval \"console.log('Crypto' in await import('effect'))\"` prints `true` with 4.0.6 installed, and `false` with 4.1.0: `dist/index.js` has no `export * as Crypto` any more, and there is a new entry point `effect/crypto`.",
  },
  {
    spec: 'pino@10.4.0',
    finding: 'api: breaking-change',
    proof:
      "With `import pino = require('pino')`, `const time: pino.TimeFn = () => ''` is accepted for 10.3.1 by `tsc --noEmit --module node16 --strict --skipLibCheck`, and refused for 10.4.0: TS2694, \"Namespace 'pino' has no exported member 'TimeFn'\". In the declared namespace `pino` of the former nothing is said of what is exported, so all is; that of the latter has `export { pino as default, pino }`, which leaves out what does not say `export`.",
  },
  {
    spec: 'typescript@5.9.3',
    finding: 'api: breaking-change',
    proof:
      "`export const of = (file: SourceFileLike) => file.languageVariant`, with that type imported from 'typescript', is accepted for 5.9.2 by `tsc --noEmit --module node16 --strict --skipLibCheck`, and refused for 5.9.3: TS2339, \"Property 'languageVariant' does not exist on type 'SourceFileLike'\". It is the only line in which the two declarations differ.",
  },
];
