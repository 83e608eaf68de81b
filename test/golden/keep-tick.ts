// Keeps recorded ticks of a demo's data folder as golden ones: `node test/golden/keep-tick.ts DATA_DIR TICK …`. Needed
// when the version of payloads changes; otherwise a tick that is decided anew is a change of the decision.

import {writeFileSync} from 'node:fs';
import {withDatabase} from '../../src/cli/database.ts';
import {readRecorded} from '../../src/cli/recorded-tick.ts';
import {readTickPayload} from '../../src/db/ticks.ts';

const [dataDir, ...ids] = process.argv.slice(2);
const folder = new URL('./ticks/', import.meta.url);
await withDatabase({dataDir: dataDir!}, async (db) => {
  for (const id of ids) {
    const {header} = await readRecorded(db, id);
    writeFileSync(new URL(`${id}.json`, folder), `${JSON.stringify(header, null, 2)}\n`);
    writeFileSync(new URL(`${id}.zst`, folder), (await readTickPayload(db, header.regionId, id))!);
  }
});
