import {expect, test} from 'vitest';
import {isWanted, messageOf, readableMessage} from '../../src/domain/event.ts';

const TASK = '019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10';
const bodyOf = (detail: unknown) =>
  JSON.stringify({actor: 'operator', at: '2026-11-22T21:30:00.000Z', detail, kind: 'created', seq: 1, task: TASK});

test('who bought is left out of what goes out, and nothing else is', () => {
  const scan = {expiresAt: '2030-01-01', purchaserHmac: 'ab', scanId: 'x'};
  const body = bodyOf({idScan: scan, items: [{purchaserHmac: 'ab', unit: 1}, null], purchaserHmac: 'ab', units: 2});
  const {detail} = readableMessage('austin', {hash: '00', body})!;
  expect(detail).toEqual({idScan: {expiresAt: '2030-01-01', scanId: 'x'}, items: [{unit: 1}, null], units: 2});
});

test.each(['damaged', '', 'null', '3', '[]', '{}', '{"kind":"created","detail":null}'])('%s is no body', (body) => {
  const columns = {kind: 'created', actor: 'operator', at: '2026-11-22T21:30:00.000Z', hash: '00'};
  const message = messageOf('austin', {cursor: {xid: '9', taskId: TASK, seq: 4}, ...columns, body});
  const place = {id: `${TASK}-4`, regionId: 'austin', taskId: TASK, seq: 4};
  expect(message).toEqual({...place, ...columns, detail: null, code: 'BODY_UNREADABLE'});
});

test('a legal hold is wanted by name alone', () => {
  expect(['offered', 'hold-set', 'hold-lifted'].filter((kind) => isWanted(undefined, kind))).toEqual(['offered']);
  expect(isWanted(['hold-set'], 'hold-set')).toBe(true);
});
