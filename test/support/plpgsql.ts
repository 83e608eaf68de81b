// What a PL/pgSQL function asks of the database, statement by statement, by Postgres's own parser.

import {parsePlPgSQLSync, parseSync} from 'libpg-query';
import type {Tree} from './one-region.ts';

/** How an expression of a function stands in the parser's answer: as a statement, or as a value or assignment. */
const AS_STATEMENT = 0;
const AS_VALUE = 2;

export type Body = {
  readonly statements: readonly Tree[];
  /** Variables by type, in lower case and without modifiers. */
  readonly typeOf: ReadonlyMap<string, string>;
  /** Whether it makes SQL out of text. */
  readonly isDynamic: boolean;
};

/** `definition` is that of pg_get_functiondef. libpg-query is loaded already. */
export function bodyOf(definition: string): Body {
  const statements: Tree[] = [];
  const typeOf = new Map<string, string>();
  let isDynamic = false;
  const visit = (node: Tree): void => {
    if (node === null || typeof node !== 'object') return;
    if (node.PLpgSQL_stmt_dynexecute || node.PLpgSQL_stmt_dynfors) isDynamic = true;
    const variable = node.PLpgSQL_var ?? node.PLpgSQL_rec;
    if (variable?.datatype) typeOf.set(variable.refname, variable.datatype.PLpgSQL_type.typname.toLowerCase());
    const {PLpgSQL_expr: expression} = node;
    if (expression) statements.push(parseSync(sqlOf(expression)));
    for (const part of Object.values(node)) visit(part);
  };
  visit(parsePlPgSQLSync(definition));
  return {statements, typeOf, isDynamic};
}

function sqlOf({query, parseMode = AS_STATEMENT}: {query: string; parseMode?: number}): string {
  if (parseMode === AS_STATEMENT) return query;
  return `select ${parseMode === AS_VALUE ? query : query.slice(query.search(/:?=/)).replace(/^:?=/, '')}`;
}
