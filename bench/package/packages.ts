/** Well-known packages, of every form in which packages come: on these `shakedown package` is tried itself. */

export type Form =
  | 'ESM'
  | 'CommonJS'
  | 'both'
  | 'native addon'
  | 'WebAssembly'
  | 'binary'
  | 'programs'
  | 'workspace'
  | 'declarations';
export type Types = 'own' | '@types' | 'none';

/** Packages that their authors keep in one repository, made anew of what they have published. */
export interface Workspace {
  readonly manager: 'npm' | 'pnpm' | 'yarn';
  readonly version: string;
  /** With their versions; each finds the others beside it. */
  readonly members: readonly string[];
}

/** What is tried. */
export interface Subject {
  /** As `shakedown package` takes it: an exact version, so that what is told of it stays true. */
  readonly spec: string;
  /** Of declarations, the package that they describe, with its version. */
  readonly describes?: string;
  /** What is tried in its place: this package, and those that belong to it. */
  readonly workspace?: Workspace;
  /** What is said after it on the command line. */
  readonly words?: readonly string[];
}

/** A package without its version. */
export const nameIn = (spec: string): string => spec.slice(0, spec.lastIndexOf('@'));

export interface Known extends Subject {
  readonly form: Form;
  readonly types: Types;
}

const known = (spec: string, form: Form, types: Types, more: Partial<Known> = {}): Known => ({
  ...{ spec, form, types },
  ...more,
});

const workspace = (manager: Workspace['manager'], version: string, members: readonly string[]): Known => ({
  ...{ spec: members[0] ?? '', form: 'workspace', types: 'own', words: ['--workspaces'] },
  workspace: { manager, version, members },
});

const BOTH_PEERS = { words: ['--peers', 'lowest,highest'] };
/** For what its `engines` exclude on an older one. */
const NODE_22 = { words: ['--node', '22'] };

export const PACKAGES: readonly Known[] = [
  known('express@5.3.0', 'CommonJS', '@types'),
  known('lodash@4.18.1', 'CommonJS', '@types'),
  known('chalk@5.6.2', 'ESM', 'own'),
  known('commander@14.0.3', 'both', 'own'),
  known('zod@4.6.7', 'both', 'own'),
  known('react@19.3.1', 'CommonJS', '@types'),
  known('react-dom@19.3.1', 'CommonJS', '@types'),
  known('vue@3.5.45', 'both', 'own'),
  known('typescript@5.9.3', 'CommonJS', 'own'),
  known('esbuild@0.28.2', 'binary', 'own'),
  known('sharp@0.35.5', 'native addon', 'own'),
  known('better-sqlite3@12.2.0', 'native addon', '@types'),
  known('bcrypt@6.0.0', 'native addon', '@types'),
  known('argon2@0.45.1', 'native addon', 'own'),
  known('@swc/core@1.16.22', 'native addon', 'own'),
  known('@node-rs/crc32@1.10.8', 'native addon', 'own'),
  known('@napi-rs/package-template@1.0.0', 'native addon', 'own'),
  known('sql.js@1.16.0', 'WebAssembly', '@types'),
  known('uuid@14.0.3', 'ESM', 'own'),
  known('nanoid@5.1.6', 'ESM', 'own'),
  known('semver@7.8.6', 'CommonJS', '@types'),
  known('yargs@18.2.0', 'both', '@types'),
  known('axios@1.21.1', 'both', 'own'),
  known('got@14.6.5', 'ESM', 'own'),
  known('undici@7.30.2', 'CommonJS', 'own'),
  known('fastify@5.12.8', 'CommonJS', 'own'),
  known('koa@3.3.0', 'both', '@types'),
  known('ws@8.23.0', 'both', '@types'),
  known('pino@10.4.0', 'CommonJS', 'own'),
  known('winston@3.19.0', 'CommonJS', 'own'),
  known('debug@4.4.3', 'CommonJS', '@types'),
  known('ms@2.1.3', 'CommonJS', '@types'),
  known('date-fns@4.4.0', 'both', 'own'),
  known('dayjs@1.11.23', 'CommonJS', 'own'),
  known('rxjs@7.8.2', 'both', 'own'),
  known('immer@11.2.10', 'both', 'own'),
  known('rollup@4.68.8', 'both', 'own'),
  known('prettier@3.10.1', 'both', 'own'),
  known('eslint@9.39.5', 'CommonJS', 'own'),
  known('tslib@2.9.1', 'both', 'own'),
  known('ajv@8.20.0', 'CommonJS', 'own'),
  known('hono@4.13.19', 'both', 'own'),
  known('cac@6.7.14', 'both', 'own'),
  known('picocolors@1.1.1', 'CommonJS', 'own'),
  known('execa@9.6.0', 'ESM', 'own'),
  known('p-limit@7.3.3', 'ESM', 'own'),
  known('left-pad@1.3.0', 'CommonJS', 'own'),
  known('is-odd@3.0.1', 'CommonJS', '@types'),
  known('rimraf@6.1.4', 'both', 'own'),
  known('http-server@14.1.1', 'programs', 'none'),
  known('serve@14.2.5', 'programs', 'none'),
  known('mime-types@3.0.1', 'CommonJS', '@types'),
  known('mitt@3.0.1', 'both', 'own'),
  known('clsx@2.1.1', 'both', 'own'),
  known('preact@11.2.0', 'both', 'own'),
  known('svelte@5.57.3', 'ESM', 'own'),
  known('zustand@5.1.0', 'both', 'own', BOTH_PEERS),
  known('jotai@3.0.1', 'ESM', 'own', NODE_22),
  known('react-select@5.10.2', 'both', 'own', BOTH_PEERS),
  known('drizzle-orm@0.45.4', 'both', 'own'),
  known('graphql@17.1.0', 'both', 'own', NODE_22),
  known('pg@8.23.1', 'both', '@types'),
  known('ioredis@6.0.0', 'CommonJS', 'own'),
  known('redis@6.3.1', 'CommonJS', 'own'),
  known('mongoose@9.12.1', 'CommonJS', 'own'),
  known('typeorm@1.1.1', 'both', 'own'),
  known('@prisma/client@7.10.0', 'both', 'own'),
  known('socket.io@4.8.4', 'both', 'own'),
  known('cheerio@1.2.0', 'both', 'own'),
  known('jsdom@31.0.1', 'CommonJS', '@types', NODE_22),
  known('puppeteer-core@25.16.0', 'ESM', 'own', NODE_22),
  known('openai@7.59.0', 'both', 'own', NODE_22),
  known('@aws-sdk/client-s3@3.1175.0', 'both', 'own'),
  known('effect@4.1.0', 'ESM', 'own'),
  known('valibot@1.5.0', 'both', 'own'),
  known('arktype@2.2.10', 'ESM', 'own'),
  known('superstruct@2.0.2', 'CommonJS', 'own'),
  known('three@0.187.0', 'both', '@types'),
  known('d3@7.9.2', 'ESM', '@types'),
  known('chart.js@4.6.1', 'both', 'own'),
  known('luxon@3.7.2', 'both', '@types'),
  known('moment@2.31.0', 'CommonJS', 'own'),
  known('bignumber.js@11.1.5', 'both', 'own'),
  known('vite@8.4.0', 'ESM', 'own'),
  known('vitest@5.1.2', 'ESM', 'own', NODE_22),
  known('next@16.4.6', 'CommonJS', 'own'),
  known('@types/express@5.0.6', 'declarations', 'own', { describes: 'express@5.0.1' }),
  workspace('npm', '11.19.1', [
    'lit@3.3.3',
    'lit-element@4.2.2',
    'lit-html@3.3.3',
    '@lit/reactive-element@2.1.2',
  ]),
  workspace('pnpm', '10.22.0', ['@tanstack/react-query@5.108.4', '@tanstack/query-core@5.108.4']),
  workspace('yarn', '4.10.3', [
    'jest-diff@30.5.2',
    '@jest/get-type@30.5.0',
    '@jest/diff-sequences@30.5.0',
    'pretty-format@30.5.1',
  ]),
];

/** What are-the-types-wrong is tested with, in `packages/core/test/fixtures` of its repository. */
export const FIXTURES: readonly Subject[] = [
  { spec: '@apollo/client@3.7.16' },
  { spec: '@cerbos/core@0.18.1' },
  { spec: '@fluid-experimental/presence@2.3.0' },
  { spec: '@fullcalendar/react@5.11.2' },
  { spec: '@ice/app@3.2.6' },
  { spec: '@reduxjs/toolkit@2.0.0-beta.0' },
  { spec: '@rollup/plugin-eslint@8.0.1' },
  { spec: '@tgwf/co2@0.14.2' },
  { spec: '@types/big.js@6.2.0', describes: 'big.js@6.2.1' },
  { spec: '@types/react@18.2.21', describes: 'react@18.2.0' },
  { spec: '@types/semver@7.5.8', describes: 'semver@7.5.4' },
  { spec: '@vitejs/plugin-react@3.1.0' },
  { spec: 'Babel@0.0.1' },
  { spec: 'astring@1.8.6' },
  { spec: 'available-regexp-flags@1.0.4' },
  { spec: 'axios@1.4.0' },
  { spec: 'big.js@6.2.1' },
  { spec: 'commander@10.0.1' },
  { spec: 'docxtemplater@3.53.0' },
  { spec: 'ejs@3.1.9' },
  { spec: 'emoji-regex@10.0.0' },
  { spec: 'eslint-module-utils@2.8.1' },
  { spec: 'eslint-plugin-jsdoc@48.9.1' },
  { spec: 'esm-seedrandom@3.0.5' },
  { spec: 'fails@2.0.1-alpha.0' },
  { spec: 'hexoid@1.0.0' },
  { spec: 'ignore@5.2.4' },
  { spec: 'klona@2.0.6' },
  { spec: 'node-html-parser@6.1.5' },
  { spec: 'openurl@1.0.2' },
  { spec: 'postcss@8.4.21' },
  { spec: 'react-chartjs-2@5.2.0' },
  { spec: 'vue@3.3.4' },
];
