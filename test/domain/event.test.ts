import {expect, test} from 'vitest';
import {messageOf} from '../../src/domain/event.ts';

const TASK = '019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10';
const bodyOf = (detail: unknown) =>
  JSON.stringify({actor: 'operator', at: '2026-11-22T21:30:00.000Z', detail, kind: 'created', seq: 1, task: TASK});

test('who bought is left out of what goes out, and nothing else is', () => {
  const scan = {expiresAt: '2030-01-01', purchaserHmac: 'ab', scanId: 'x'};
  const body = bodyOf({idScan: scan, items: [{purchaserHmac: 'ab', unit: 1}, null], purchaserHmac: 'ab', units: 2});
  const {detail} = messageOf('austin', {hash: '00', body});
  expect(detail).toEqual({idScan: {expiresAt: '2030-01-01', scanId: 'x'}, items: [{unit: 1}, null], units: 2});
});
