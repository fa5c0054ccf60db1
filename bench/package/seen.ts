/** What was seen in a package that a general reason speaks of: each was unpacked, and looked at. */

export interface Seen {
  readonly code: string;
  /** With their versions. */
  readonly specs: readonly string[];
  /** In Markdown. */
  readonly seen: string;
}

const MOVED = 'its `exports` names the same files for this folder';

export const SEEN: readonly Seen[] = [
  {
    code: 'Untyped',
    specs: `
      express@5.3.0 semver@7.8.6 koa@3.3.0 ws@8.23.0 debug@4.4.3 ms@2.1.3
      pg@8.23.1 d3@7.9.2 luxon@3.7.2 @tgwf/co2@0.14.2 big.js@6.2.1 ejs@3.1.9
      three@0.187.0 jsdom@31.0.1 lodash@4.18.1 react@19.3.1 react-dom@19.3.1 bcrypt@6.0.0
      sql.js@1.16.0 is-odd@3.0.1 http-server@14.1.1 serve@14.2.5 mime-types@3.0.1 better-sqlite3@12.2.0`
      .trim()
      .split(/\s+/),
    seen: 'no file of it ends in `.d.ts`',
  },
  {
    code: 'CJSResolvesToESM',
    specs: ['nanoid@5.1.6'],
    seen: '`"type": "module"`, and each entry of `exports` has one file for Node.js',
  },
  {
    code: 'CJSResolvesToESM',
    specs: ['jotai@3.0.1'],
    seen: '`"type": "module"`, and `engines` asks for Node.js 22.12',
  },
  {
    code: 'CJSResolvesToESM',
    specs: ['preact@11.2.0'],
    seen: 'each entry of `exports` has one file, which ends in `.mjs`',
  },
  {
    code: 'CJSResolvesToESM',
    specs: ['arktype@2.2.10', 'lit@3.3.3'],
    seen: '`"type": "module"`, and each entry of `exports` has one file',
  },
  {
    code: 'CJSResolvesToESM',
    specs: ['axios@1.4.0', 'axios@1.21.1'],
    seen: '`./unsafe/*` is its source; what `require("axios")` gets is `dist/node/axios.cjs`',
  },
  {
    code: 'CJSResolvesToESM',
    specs: [
      'yargs@18.2.0',
      'p-limit@7.3.3',
      'vite@8.4.0',
      'chalk@5.6.2',
      'uuid@14.0.3',
      'execa@9.6.0',
      'got@14.6.5',
      'effect@4.1.0',
    ],
    seen: '`"type": "module"`, and `exports` has no file for `require`',
  },
  {
    code: 'CJSResolvesToESM',
    specs: ['commander@10.0.1', 'commander@14.0.3'],
    seen: 'only `./esm.mjs`; what `require("commander")` gets is `index.js`',
  },
  {
    code: 'CJSResolvesToESM',
    specs: ['@types/big.js@6.2.0'],
    seen: 'only `./big.mjs` of big.js; what `require("big.js")` gets is `big.js`',
  },
  {
    code: 'CJSResolvesToESM',
    specs: ['esm-seedrandom@3.0.5'],
    seen: '`"type": "module"`, and `main` is `esm/index.mjs`',
  },
  {
    code: 'NamedExports',
    specs: ['available-regexp-flags@1.0.4'],
    seen: '`properties.d.ts` declares `const properties: { d: …, g: … }`, an object that is data',
  },
  {
    code: 'NamedExports',
    specs: ['picocolors@1.1.1'],
    seen: '`module.exports = createColors()`, and `export = picocolors`',
  },
  {
    code: 'MissingExportEquals',
    specs: ['postcss@8.4.21'],
    seen: '`lib/postcss.js` ends with `postcss.default = postcss`',
  },
  {
    code: 'MissingExportEquals',
    specs: ['ajv@8.20.0'],
    seen: '`dist/ajv.js` has `module.exports = exports = Ajv` and `exports.default = Ajv`',
  },
  {
    code: 'MissingExportEquals',
    specs: ['ignore@5.2.4'],
    seen: '`index.js` has `factory.default = factory` and `module.exports = factory`',
  },
  {
    code: 'CJSOnlyExportsDefault',
    specs: ['@fullcalendar/react@5.11.2'],
    seen: '`main` is `dist/main.cjs.js`, with `exports.default = FullCalendar`',
  },
  {
    code: 'CJSOnlyExportsDefault',
    specs: ['node-html-parser@6.1.5'],
    seen: '`dist/index.js` has `exports.default = parse` and `exports.parse = parse`, and the declarations have both',
  },
  {
    code: 'FILE_INVALID_FORMAT',
    specs: ['@apollo/client@3.7.16'],
    seen: '`cache/inmemory/__mocks__/optimism.js`, left over from its tests',
  },
  {
    code: 'FILE_INVALID_FORMAT',
    specs: ['@fullcalendar/react@5.11.2'],
    seen: '`dist/main.js`, which is `module`, and two that it imports',
  },
  { code: 'FILE_INVALID_FORMAT', specs: ['dayjs@1.11.23'], seen: '`esm/`, which nothing names' },
  { code: 'FILE_INVALID_FORMAT', specs: ['moment@2.31.0'], seen: '`src/`, which nothing names' },
  {
    code: 'FILE_INVALID_FORMAT',
    specs: ['esm-seedrandom@3.0.5'],
    seen: 'rollup.config.js and others in `unittest`, its tests with their `node_modules`',
  },
  {
    code: 'INVALID_REPOSITORY_VALUE',
    specs: ['date-fns@4.4.0', 'superstruct@2.0.2', 'luxon@3.7.2', 'react-select@5.10.2'],
    seen: '`repository` is an address, as a string',
  },
  { code: 'INVALID_REPOSITORY_VALUE', specs: ['cac@6.7.14'], seen: '`"url": "egoist/cac"`' },
  { code: 'INVALID_REPOSITORY_VALUE', specs: ['moment@2.31.0'], seen: '`"url": "github:moment/moment"`' },
  {
    code: 'NESTED_PACKAGE_JSON_FIELD_IGNORED',
    specs: ['chart.js@4.6.1'],
    seen: `\`auto/package.json\` and \`helpers/package.json\`; ${MOVED}`,
  },
  {
    code: 'NESTED_PACKAGE_JSON_FIELD_IGNORED',
    specs: ['@reduxjs/toolkit@2.0.0-beta.0'],
    seen: `\`query/package.json\` and two more; ${MOVED}`,
  },
  {
    code: 'DEPRECATED_FIELD_JSNEXT',
    specs: ['moment@2.31.0'],
    seen: '`jsnext:main` is `./dist/moment.js`; `main` is `./moment.js`',
  },
];
