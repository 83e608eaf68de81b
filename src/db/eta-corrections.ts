// What a region has learned of promises; a tick reads it with its snapshot.

import type {EtaCorrection} from '../domain/eta-correction.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const REPLACE = statement('replace_eta_corrections');

/** All at once: a tick sees either the old or the new. */
export async function replaceEtaCorrections(
  db: Database,
  regionId: string,
  corrections: readonly EtaCorrection[],
): Promise<void> {
  await db.query(REPLACE, [regionId, JSON.stringify(corrections)]);
}
