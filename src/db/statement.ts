// The SQL that the daemon sends, one statement per file of src/db/sql, read once when the module that uses it loads.

import {readFileSync} from 'node:fs';

export type Statement = {
  /** The file's name without its ending; names the statement in metrics and in the server's own statistics. */
  readonly name: string;
  readonly text: string;
  /**
   * Planned anew at each call, for the values of that call: for a large statement that means different things by its
   * parameters. A prepared one is planned five times, and then may be kept for every value there is.
   */
  readonly planned?: 'each-time';
};

/** `statement('read_snapshot')` is src/db/sql/read_snapshot.sql; its header of comment lines is for readers only. */
export function statement(name: string): Statement {
  const file = readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8');
  return {name, text: `/* ${name} */ ${file.replace(/^(--.*\n|\s*\n)*/, '').trim()}`};
}
