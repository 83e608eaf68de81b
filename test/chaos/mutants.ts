// Defects on purpose, to show that the suite finds them: each a function of the schema with one thing taken out.

import {Client} from 'pg';

/** From the text of a function to that of its mutant. */
type Mutation = {readonly name: string; readonly from: RegExp; readonly to: string};

const MUTATIONS = {
  /** A daemon that lost the region commits all the same. */
  'no-fence': {
    name: 'commit_offers',
    from: /lease\.fence = p_fence and lease\.expires_at > clock_timestamp\(\)/,
    to: 'true',
  },
  /** Every key is new: what was answered is done again. */
  'no-keys': {
    name: 'claim_idempotency_key',
    from: /exit when found;/,
    to: "return query select 'claimed', null::int, null, null; return;",
  },
  /** A task is made under another id than the one it was given. */
  'new-ids': {
    name: 'create_tasks',
    from: /select p_region_id, given\.id,/,
    to: 'select p_region_id, gen_random_uuid(),',
  },
} as const satisfies Record<string, Mutation>;

export type Mutant = keyof typeof MUTATIONS;

export const MUTANTS = Object.fromEntries(
  Object.entries(MUTATIONS).map(([name, mutation]) => [name, (url: string) => mutated(url, mutation)]),
) as Readonly<Record<Mutant, (url: string) => Promise<string>>>;

async function mutated(url: string, {name, from, to}: Mutation): Promise<string> {
  const client = new Client({connectionString: url});
  await client.connect();
  try {
    const {rows} = await client.query('select pg_get_functiondef(oid) as text from pg_proc where proname = $1', [name]);
    const text: string = rows[0].text;
    if (!from.test(text)) throw new Error(`${name} has no ${from}`);
    return text.replace(from, to);
  } finally {
    await client.end();
  }
}
