// Whether a statement keeps to the one region that it was given, by Postgres's own parser. Of every level of a query,
// each table or view with a region must have it equal to the region given, or to that of another which has: by a
// conjunct of WHERE, or of the ON of a join as far as that join restricts it. What a query derives, a CTE or a
// subquery, is checked by itself and then counts as of the region.

// biome-ignore lint/suspicious/noExplicitAny: a parse tree is an object with one key that names it, as deep as it goes.
export type Tree = any;

/** What the database has, as far as a region matters. */
export type Catalog = {
  /** Tables and views with a region → the column that says which. */
  readonly regionColumnOf: ReadonlyMap<string, string>;
  /** Functions whose first argument is the region. */
  readonly regionalFunctions: ReadonlySet<string>;
};

/** Names that stand for the region given, besides a parameter's number. */
export type Given = {
  readonly functionName?: string;
  /** Variables that hold a row of a table with a region, which was read under the region given. */
  readonly rowVariables?: ReadonlySet<string>;
};

type Range = {readonly alias: string; readonly relation: string | undefined; readonly column: string};
type Scope = {
  readonly outer: Scope | undefined;
  readonly ctes: Set<string>;
  readonly ranges: Range[];
  readonly confined: Set<Range>;
};
/** `only`: the ranges that an outer join's condition restricts. */
type Equality = {readonly left: Tree; readonly right: Tree; readonly only: ReadonlySet<Range> | undefined};

const STATEMENTS = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt'];
const OTHERS = ['MergeStmt', 'TruncateStmt', 'NotifyStmt', 'ListenStmt', 'LockStmt', 'CopyStmt', 'CallStmt'];
/** Of a change that a worker may be asked for, Citus takes no such call on a column. */
const NOT_IN_SET = new Set(['format', 'jsonb_build_object']);

export function flawsOf(tree: Tree, {regionColumnOf, regionalFunctions}: Catalog, given: Given = {}): string[] {
  const flaws: string[] = [];
  const numbers = new Set<number>();

  const columnOf = (name: string): string | undefined => regionColumnOf.get(name.replace(/_\d+$/, ''));
  const namesIn = (node: Tree): string[] =>
    node.ColumnRef?.fields?.map((field: Tree) => field.String?.sval ?? '*') ?? [];

  function rangeNamed(alias: string, scope: Scope | undefined): Range | undefined {
    if (!scope) return undefined;
    return scope.ranges.find((range) => range.alias === alias) ?? rangeNamed(alias, scope.outer);
  }
  /** The range whose region an expression is. */
  function rangeOf(expression: Tree, scope: Scope): Range | undefined {
    const [first, second] = namesIn(expression);
    if (second !== undefined) {
      const range = rangeNamed(first!, scope);
      return range?.column === second || (range && !range.relation && /^region_?id$/i.test(second)) ? range : undefined;
    }
    const own = scope.ranges.filter(({column}) => column === first);
    return own.length === 1 ? own[0] : undefined;
  }
  function isGiven(node: Tree, scope: Scope): boolean {
    if (node?.TypeCast) return isGiven(node.TypeCast.arg, scope);
    if (node?.ParamRef) {
      numbers.add(node.ParamRef.number);
      return true;
    }
    if (!node?.ColumnRef) return false;
    const names = namesIn(node);
    if (names.join('.') === 'p_region_id' || names.join('.') === `${given.functionName}.p_region_id`) return true;
    const range = rangeOf(node, scope);
    if (range) return hasConfined(range, scope);
    return names.length === 2 && names[1] === 'region_id' && (given.rowVariables?.has(names[0]!) ?? false);
  }
  const hasConfined = (range: Range, scope: Scope | undefined): boolean =>
    scope !== undefined && (scope.confined.has(range) || hasConfined(range, scope.outer));

  function addRange(node: Tree, scope: Scope): Range[] {
    const add = (alias: string, relation: string | undefined, isOfRegion: boolean, column = 'region_id') => {
      const range = {alias, relation, column};
      scope.ranges.push(range);
      if (isOfRegion) scope.confined.add(range);
      return [range];
    };
    if (node.RangeVar) {
      const {relname, alias, schemaname} = node.RangeVar;
      const isCte = schemaname === undefined && hasCte(relname, scope);
      const column = isCte ? undefined : columnOf(relname);
      return add(alias?.aliasname ?? relname, column && relname, isCte, column ?? (isCte ? 'region_id' : ''));
    }
    if (node.RangeSubselect) return add(node.RangeSubselect.alias?.aliasname ?? '', undefined, true);
    if (node.RangeFunction) {
      const alias = node.RangeFunction.alias?.aliasname ?? '';
      // What comes out of JSON or an array says nothing of the region; a function of ours keeps to its own.
      const calls = JSON.stringify(node.RangeFunction.functions);
      return add(
        alias,
        undefined,
        [...regionalFunctions].some((name) => calls.includes(`"${name}"`)),
        '',
      );
    }
    if (node.JoinExpr) return [...addRange(node.JoinExpr.larg, scope), ...addRange(node.JoinExpr.rarg, scope)];
    throw new Error(`unknown in FROM: ${Object.keys(node)}`);
  }
  const hasCte = (name: string, scope: Scope | undefined): boolean =>
    scope !== undefined && (scope.ctes.has(name) || hasCte(name, scope.outer));

  function equalities(node: Tree, only: ReadonlySet<Range> | undefined): Equality[] {
    if (node?.BoolExpr?.boolop === 'AND_EXPR') return node.BoolExpr.args.flatMap((arg: Tree) => equalities(arg, only));
    const {A_Expr: comparison} = node ?? {};
    if (comparison?.kind !== 'AEXPR_OP' || comparison.name[0].String.sval !== '=') return [];
    const {lexpr, rexpr} = comparison;
    const sides = [lexpr, rexpr].map((side) => side.RowExpr?.args ?? [side]);
    return sides[0].map((left: Tree, i: number) => ({left, right: sides[1][i], only}));
  }
  function joinEqualities(node: Tree, scope: Scope): Equality[] {
    const {JoinExpr: join} = node;
    if (!join) return [];
    const within = (side: Tree) => new Set(rangesUnder(side, scope));
    const only =
      join.jointype === 'JOIN_LEFT'
        ? within(join.rarg)
        : join.jointype === 'JOIN_RIGHT'
          ? within(join.larg)
          : join.jointype === 'JOIN_FULL'
            ? new Set<Range>()
            : undefined;
    const using = (join.usingClause ?? []).some((name: Tree) => name.String.sval === 'region_id');
    if (using) {
      const [left, right] = [rangesUnder(join.larg, scope), rangesUnder(join.rarg, scope)];
      const ref = ({alias}: Range) => ({ColumnRef: {fields: [{String: {sval: alias}}, {String: {sval: 'region_id'}}]}});
      const pairs = right.flatMap((r) => left.map((l) => ({left: ref(l), right: ref(r), only})));
      return [...pairs, ...joinEqualities(join.larg, scope), ...joinEqualities(join.rarg, scope)];
    }
    return [...equalities(join.quals, only), ...joinEqualities(join.larg, scope), ...joinEqualities(join.rarg, scope)];
  }
  function rangesUnder(node: Tree, scope: Scope): Range[] {
    if (node.JoinExpr) return [...rangesUnder(node.JoinExpr.larg, scope), ...rangesUnder(node.JoinExpr.rarg, scope)];
    const {alias, relname} = node.RangeVar ?? node.RangeSubselect ?? node.RangeFunction;
    return scope.ranges.filter((range) => range.alias === (alias?.aliasname ?? relname ?? ''));
  }

  function confine(scope: Scope, all: readonly Equality[]): void {
    for (let grown = true; grown; ) {
      grown = false;
      for (const {left, right, only} of all) {
        for (const [side, other] of [
          [left, right],
          [right, left],
        ]) {
          const range = rangeOf(side, scope);
          if (!range || !scope.ranges.includes(range) || scope.confined.has(range)) continue;
          if ((only && !only.has(range)) || !isGiven(other, scope)) continue;
          scope.confined.add(range);
          grown = true;
        }
      }
    }
    for (const range of scope.ranges) {
      if (range.relation && !scope.confined.has(range)) flaws.push(`${range.relation} ${range.alias}: of any region`);
    }
  }

  function level(kind: string, body: Tree, outer: Scope | undefined): void {
    const scope: Scope = {outer, ctes: new Set(), ranges: [], confined: new Set()};
    for (const {CommonTableExpr: cte} of body.withClause?.ctes ?? []) {
      if (body.withClause.recursive) scope.ctes.add(cte.ctename);
      walk(cte.ctequery, scope);
      scope.ctes.add(cte.ctename);
    }
    if (body.op && body.op !== 'SETOP_NONE') {
      level(kind, body.larg, scope);
      level(kind, body.rarg, scope);
      return;
    }
    const from = [...(body.fromClause ?? []), ...(body.usingClause ?? [])];
    if (kind === 'InsertStmt') {
      insertion(body, scope);
      return;
    }
    if (body.relation) addRange({RangeVar: body.relation}, scope);
    for (const node of from) addRange(node, scope);
    confine(scope, [
      ...equalities(body.whereClause, undefined),
      ...from.flatMap((node) => joinEqualities(node, scope)),
    ]);
    for (const {ResTarget: target} of (kind === 'UpdateStmt' && body.targetList) || []) setting(target, scope);
    for (const [key, part] of Object.entries(body)) if (key !== 'withClause' && key !== 'relation') walk(part, scope);
  }
  function insertion(body: Tree, scope: Scope): void {
    const {relname} = body.relation;
    const column = columnOf(relname);
    const at = (body.cols ?? []).findIndex((each: Tree) => each.ResTarget.name === column);
    if (column && at < 0) flaws.push(`${relname}: a row without its region`);
    const rows = (select: Tree): void => {
      if (select.op && select.op !== 'SETOP_NONE') {
        rows(select.larg);
        rows(select.rarg);
        return;
      }
      const inner: Scope = {outer: scope, ctes: new Set(), ranges: [], confined: new Set()};
      for (const {CommonTableExpr: cte} of select.withClause?.ctes ?? []) inner.ctes.add(cte.ctename);
      for (const node of select.fromClause ?? []) addRange(node, inner);
      const silent = flaws.length;
      confine(inner, [
        ...equalities(select.whereClause, undefined),
        ...(select.fromClause ?? []).flatMap((node: Tree) => joinEqualities(node, inner)),
      ]);
      flaws.length = silent; // told once, when the query is walked
      const lists = select.valuesLists?.map((list: Tree) => list.List.items) ?? [
        (select.targetList ?? []).map((target: Tree) => target.ResTarget.val),
      ];
      for (const values of column ? lists : []) {
        if (!isGiven(values[at], inner)) flaws.push(`${relname}: a row of another region`);
      }
    };
    if (body.selectStmt?.SelectStmt) rows(body.selectStmt.SelectStmt);
    addRange({RangeVar: body.relation}, scope);
    for (const range of scope.ranges) scope.confined.add(range);
    for (const [key, part] of Object.entries(body)) if (key !== 'withClause' && key !== 'relation') walk(part, scope);
  }
  function setting({name, val}: Tree, scope: Scope): void {
    if (name === 'region_id') flaws.push('a row changes its region');
    const columns = (node: Tree): boolean =>
      node !== null &&
      typeof node === 'object' &&
      (rangeNamed(namesIn(node)[0] ?? '', scope) !== undefined || Object.values(node).some(columns));
    const look = (node: Tree): void => {
      if (node === null || typeof node !== 'object') return;
      const called = node.FuncCall?.funcname?.at(-1)?.String?.sval;
      if (NOT_IN_SET.has(called) && columns(node.FuncCall.args ?? [])) flaws.push(`${name} = ${called}(…) of a column`);
      for (const part of Object.values(node)) look(part);
    };
    look(val);
  }

  function walk(node: Tree, scope: Scope | undefined): void {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) {
      for (const each of node) walk(each, scope);
      return;
    }
    for (const [key, body] of Object.entries<Tree>(node)) {
      if (OTHERS.includes(key)) flaws.push(`${key} is not for dispatch`);
      if (STATEMENTS.includes(key)) {
        level(key, body, scope);
        continue;
      }
      if (key === 'FuncCall') call(body, scope);
      walk(body, scope);
    }
  }
  function call({funcname, args}: Tree, scope: Scope | undefined): void {
    const name: string = funcname.at(-1).String.sval;
    if (name === 'pg_notify') flaws.push('pg_notify is not for dispatch');
    if (/advisory/.test(name)) flaws.push(`${name} is an advisory lock`);
    if (!regionalFunctions.has(name)) return;
    const none: Scope = {outer: undefined, ctes: new Set(), ranges: [], confined: new Set()};
    if (!isGiven(args?.[0], scope ?? none)) flaws.push(`${name} is called with another region`);
  }

  walk(tree, undefined);
  if (numbers.size > 1) flaws.push(`the region is given twice: ${[...numbers].map((n) => `$${n}`).join(', ')}`);
  return [...new Set(flaws)];
}
