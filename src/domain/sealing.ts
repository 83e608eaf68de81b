// Secrets at rest: AES-256-GCM under keys that stand outside the database. What is sealed is bound to its context, such
// as the row it stands in, so that it cannot be moved to another.

import {createCipheriv, createDecipheriv, randomBytes} from 'node:crypto';
import {InputFailure} from './failure.ts';

export const SEALING_KEY_BYTES = 32;
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type Sealing = {
  readonly seal: (plain: string, context: string) => Uint8Array;
  /** InputFailure SEALED_OTHERWISE: under a key that is not here, for another context, or damaged. */
  readonly open: (sealed: Uint8Array, context: string) => string;
};

/** Seals under the first key and opens under any, so that keys can be changed one after the other. */
export function sealingUnder(keys: readonly Uint8Array[]): Sealing {
  const [newest] = keys;
  if (newest === undefined || keys.some(({length}) => length !== SEALING_KEY_BYTES)) {
    throw new Error(`a sealing key has ${SEALING_KEY_BYTES} bytes`);
  }
  return {
    seal(plain, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', newest, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Uint8Array.of(VERSION), nonce, cipher.getAuthTag(), sealed]);
    },
    open(sealed, context) {
      for (const key of keys) {
        const plain = openUnder(key, sealed, context);
        if (plain !== undefined) return plain;
      }
      throw new InputFailure('SEALED_OTHERWISE', `the secret of ${context} was not sealed under CLOUDRUN_SEALING_KEY`);
    },
  };
}

function openUnder(key: Uint8Array, sealed: Uint8Array, context: string): string | undefined {
  const secretAt = 1 + NONCE_BYTES + TAG_BYTES;
  if (sealed.length < secretAt || sealed[0] !== VERSION) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(1 + NONCE_BYTES, secretAt));
  try {
    return decipher.update(sealed.subarray(secretAt), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    // GCM says no more than that key, context and bytes do not belong together.
    return undefined;
  }
}
