// Providers of checks from the command line: who may report for a region, under which secret, in which shape.

import {readFileSync} from 'node:fs';
import {sealingKeysFromEnvironment} from '../config.ts';
import {listProviders, providerContext, putProvider} from '../db/providers.ts';
import {InputFailure} from '../domain/failure.ts';
import {CANONICAL_MAPPING, readMapping} from '../domain/provider.ts';
import {isSecret, newSecret} from '../domain/signature.ts';
import {type DatabaseOptions, theRegion, withDatabase} from './database.ts';
import {sealingOf} from './secrets.ts';
import {terminal} from './terminal.ts';

const STANDARD_INPUT = 0;

type Common = DatabaseOptions & {readonly region?: string; readonly json?: boolean};
export type ProviderOptions = Common & {
  readonly mapping?: string;
  readonly secret?: string;
  readonly keepSecret?: boolean;
};

/** Makes a provider known, or changes it. The secret is printed only where it was made here. */
export async function put(id: string, options: ProviderOptions): Promise<void> {
  if (!/^[a-z0-9-]{1,40}$/.test(id)) {
    throw new InputFailure('PROVIDER_ID_INVALID', `${id} is not 1 to 40 of a-z, 0-9 and "-"`);
  }
  const sealing = sealingOf({sealingKeys: sealingKeysFromEnvironment()});
  if (!sealing) throw new InputFailure('SEALING_KEY_MISSING', 'secrets are kept under a key: set CLOUDRUN_SEALING_KEY');
  const mapping = options.mapping === undefined ? CANONICAL_MAPPING : readMapping(readText(options.mapping));
  const given = options.secret === undefined ? undefined : readText(options.secret).trim();
  if (given !== undefined && !isSecret(given)) {
    throw new InputFailure('SECRET_INVALID', 'a secret is whsec_ and base64 of 24 to 64 bytes');
  }
  const made = given === undefined && !options.keepSecret ? newSecret() : undefined;
  await withDatabase(options, async (db) => {
    const region = await theRegion(db, options.region);
    const plain = given ?? made;
    const secret = plain === undefined ? null : sealing.seal(plain, providerContext(region.id, id));
    await putProvider(db, region.id, {id, secret, mapping});
    const answer = {regionId: region.id, id, mapping, ...(made && {secret: made})};
    const text = `provider ${id} of ${region.id} may report${made ? `; its secret, shown this once: ${made}` : ''}`;
    terminal(options.json ?? false).answer(answer, text);
  });
}

export async function list(options: Common): Promise<void> {
  await withDatabase(options, async (db) => {
    const region = await theRegion(db, options.region);
    const providers = (await listProviders(db, region.id)).map(({id, mapping}) => ({id, mapping}));
    const text = providers.map(({id, mapping}) => `${id}  ${JSON.stringify(mapping)}`).join('\n');
    terminal(options.json ?? false).answer({regionId: region.id, providers}, text || 'no providers yet');
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8');
  } catch (error) {
    throw new InputFailure('FILE_UNREADABLE', `${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
