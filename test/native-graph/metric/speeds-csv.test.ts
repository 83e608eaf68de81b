import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {rowOf, type Speeds, tableOf} from '../../../native-graph/metric/speeds.ts';
import {KMH_LEAST, KMH_LIMIT, readSpeeds, writeSpeeds} from '../../../native-graph/metric/speeds-csv.ts';

const read = (text: string, before?: Speeds) => readSpeeds(Buffer.from(text, 'latin1'), before);
const rowsOf = ({count, from, to, kmh}: Speeds) => Array.from({length: count}, (_, i) => [from[i], to[i], kmh[i]]);
const good = (text: string) => rowsOf(read(text).speeds);
const codes = (text: string) => read(text).problems.map(({row, code}) => [row, code]);

describe('rows', () => {
  test('of the format of OSRM are read; a rate has no effect, and nothing behind it is looked at', () => {
    const text = '50267,27780,32,30.3\n25296,25295,24\n34491,34494,3,\n2837,23844,3,,junk\n1,2,0\n3,4,13.5,1,"a,b"\n';
    expect(good(text)).toEqual([
      [50267, 27780, 32],
      [25296, 25295, 24],
      [34491, 34494, 3],
      [2837, 23844, 3],
      [1, 2, 0],
      [3, 4, 13.5],
    ]);
  });

  test.each([
    '1283974,2387,3,junk',
    '1,2',
    '1,2,',
    '1,,3',
    ',2,3',
    '1,2,fast',
    '1,2,3 ',
    ' 1,2,3',
    '1.5,2,3',
    '1,2,1e2',
    '1,2,-3',
    '1;2;3',
    'from,to,speed',
    '"1",2,3',
    '1,2,.',
    '1,2,3,4x',
    '-,2,3',
    '{"speeds": []}',
  ])('such as %j are malformed', (row) => {
    expect(codes(`7,8,9\n${row}\n`)).toEqual([[2, 'ROW_MALFORMED']]);
    expect(good(`7,8,9\n${row}\n`)).toEqual([[7, 8, 9]]);
  });

  test('name the node or the speed that is out of range', () => {
    expect(read('9007199254740993,2,3\n1,2,1001\n1,2,0.05').problems).toEqual([
      {row: 1, code: 'NODE_ID_RANGE', detail: 'node 9007199254740992 is not below 2^53'},
      {row: 2, code: 'SPEED_RANGE', detail: '1001 km/h is neither 0 nor from 0.1 to 1000'},
      {row: 3, code: 'SPEED_RANGE', detail: '0.05 km/h is neither 0 nor from 0.1 to 1000'},
    ]);
    expect(good('9007199254740991,-9007199254740991,1000\n1,2,0.1')).toHaveLength(2);
  });

  test('end in either line end or none, and empty ones count as lines but not as rows', () => {
    expect(good('1,2,3\r\n\r\n\n4,5,6')).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(codes('\n\r\nx\n')).toEqual([[3, 'ROW_MALFORMED']]);
    expect(read('')).toMatchObject({speeds: {count: 0}, rowsBad: 0});
  });

  test('that are bad are all counted, and the first hundred told', () => {
    const {problems, rowsBad, speeds} = read('x\n'.repeat(250));
    expect([problems.length, rowsBad, speeds.count]).toEqual([100, 250, 0]);
  });

  test('that are long or not text are quoted in part, in printable letters', () => {
    const [{detail}] = read(`\u0000\u0007${'é'.repeat(500)}`).problems;
    expect(detail).toMatch(/^"\?{40}…" is not from,to,km\/h$/);
  });
});

/** The format once more, as a pattern. */
const ROW = /^(-?\d+),(-?\d+),(\d+\.?\d*|\.\d+)(,((\d+\.?\d*|\.\d+)?(,.*)?))?$/;

test('any bytes are read as the pattern reads them', () => {
  const field = fc.constantFrom(
    '',
    '1',
    '-7',
    '42',
    '9007199254740991',
    '9007199254740992',
    '3.25',
    '.5',
    '7.',
    'x',
    ' ',
  );
  const line = fc.oneof(
    fc.array(field, {maxLength: 6}).map((fields) => fields.join(',')),
    fc.stringMatching(/^[-0-9.,x \r]{0,24}$/),
    fc.string({unit: 'binary', maxLength: 12}).map((text) => text.replaceAll('\n', '')),
  );
  fc.assert(
    fc.property(fc.array(line, {maxLength: 12}), (lines) => {
      const bytes = Buffer.from(lines.join('\n'), 'utf8');
      const expected: number[][] = [];
      let bad = 0;
      for (const row of bytes
        .toString('latin1')
        .split('\n')
        .map((text) => text.replace(/\r$/, ''))) {
        if (row === '') continue;
        const [, from, to, kmh] = ROW.exec(row.replaceAll(/[\u2028\u2029\r]/g, '?')) ?? [];
        const values = [from, to, kmh].map(Number);
        const isGood = Number.isSafeInteger(values[0]) && Number.isSafeInteger(values[1]);
        if (isGood && (values[2] === 0 || (values[2] >= KMH_LEAST && values[2] <= KMH_LIMIT))) expected.push(values);
        else bad++;
      }
      const {speeds, rowsBad} = readSpeeds(bytes);
      expect(rowsOf(speeds)).toEqual(expected);
      expect(rowsBad).toBe(bad);
    }),
    {numRuns: 5_000},
  );
});

const anyRows = fc.array(
  fc.tuple(
    fc.maxSafeInteger(),
    fc.maxSafeInteger(),
    fc.oneof(fc.constant(0), fc.double({min: KMH_LEAST, max: KMH_LIMIT, noNaN: true})),
  ),
);

test('what is written is read again, to the last bit of each speed', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const columns = [0, 1, 2].map((i) => Float64Array.from(rows, (row) => row[i]));
      const speeds: Speeds = {count: rows.length, from: columns[0], to: columns[1], kmh: columns[2]};
      const wanted = Uint8Array.from(rows, (_, i) => (i % 3 === 1 ? 0 : 1));
      const again = readSpeeds(writeSpeeds(speeds, wanted));
      expect(again.rowsBad).toBe(0);
      expect(rowsOf(again.speeds)).toEqual(rows.filter((_, i) => wanted[i] === 1));
    }),
  );
});

test('rows are read behind those that stand', () => {
  const {speeds} = read('1,2,3\n', read('7,8,9\n').speeds);
  expect(rowsOf(speeds)).toEqual([
    [7, 8, 9],
    [1, 2, 3],
  ]);
});

describe('the table', () => {
  test('finds the last row of each pair, and marks the others', () => {
    const near = fc.tuple(fc.integer({min: -3, max: 3}), fc.integer({min: -3, max: 3}), fc.integer({min: 1, max: 99}));
    const far = anyRows.map((rows) => rows.slice(0, 5));
    fc.assert(
      fc.property(fc.array(near, {maxLength: 200}), far, (nearRows, farRows) => {
        const rows = [...nearRows, ...farRows, ...nearRows.slice(0, 9)];
        const columns = [0, 1, 2].map((i) => Float64Array.from(rows, (row) => row[i]));
        const table = tableOf({count: rows.length, from: columns[0], to: columns[1], kmh: columns[2]});
        const last = new Map(rows.map(([from, to], i) => [`${from},${to}`, i]));
        rows.forEach(([from, to], i) => {
          expect(rowOf(table, from, to)).toBe(last.get(`${from},${to}`));
          expect(table.superseded[i]).toBe(last.get(`${from},${to}`) === i ? 0 : 1);
        });
        expect(rowOf(table, 1_000, 1_000)).toBe(last.get('1000,1000') ?? -1);
      }),
    );
  });

  test('without rows finds nothing', () => {
    expect(rowOf(tableOf(read('').speeds), 1, 2)).toBe(-1);
  });
});
