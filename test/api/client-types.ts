// Makes test/golden/api.d.ts, the types of the HTTP interface, out of the OpenAPI document: `npm run client`.
//
// openapi-typescript needs TypeScript 5, whose `tsc` would take the place of the compiler that checks this project. So
// both are fetched when types are made, and what was made is stamped: the test needs neither.

import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {databaseGone, fakeServer} from './world.ts';

const PACKAGES = ['openapi-typescript@7.13.0', 'typescript@5.9.3'];
const TYPES = fileURLToPath(new URL('../golden/api.d.ts', import.meta.url));

/** The document as a server has it that runs no release. */
export async function servedDocument(): Promise<string> {
  const app = fakeServer(databaseGone);
  const {body} = await app.inject('/docs/json');
  await app.close();
  return body;
}

/** The first line of the types: of what document they were made, and that nobody changed them since. */
export const stampOf = (document: string, types: string): string =>
  `// Made by npm run client: ${createHash('sha256').update(`${document}\n${types}`).digest('hex')}\n`;

export function readTypes(): {readonly stamp: string; readonly types: string} {
  const text = readFileSync(TYPES, 'utf8');
  const end = text.indexOf('\n') + 1;
  return {stamp: text.slice(0, end), types: text.slice(end)};
}

function typesOf(document: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cloudrun-client-'));
  try {
    const file = join(folder, 'openapi.json');
    writeFileSync(file, document);
    const given = [...PACKAGES.flatMap((name) => ['-p', name]), 'openapi-typescript', file];
    const options = ['--root-types', '--root-types-no-schema-prefix'];
    return execFileSync('npx', ['--yes', ...given, ...options], {encoding: 'utf8', cwd: folder});
  } finally {
    rmSync(folder, {recursive: true});
  }
}

if (import.meta.main) {
  const document = await servedDocument();
  const types = typesOf(document);
  writeFileSync(TYPES, stampOf(document, types) + types);
  console.log(`${TYPES}: ${types.split('\n').length} lines`);
}
