/** Writes what is generated: `schema.json`, `docs/config.md` and `docs/findings.md`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { findingsPage } from './findings.ts';
import { configSchema } from './json-schema.ts';
import { readOptionTexts } from './option-texts.ts';
import { configReference } from './reference.ts';

const texts = readOptionTexts();
writeFileSync('schema.json', `${JSON.stringify(configSchema(texts), null, 2)}\n`);
writeFileSync('docs/config.md', configReference(texts, readFileSync('docs/config.template.md', 'utf8')));
writeFileSync('docs/findings.md', await findingsPage());
