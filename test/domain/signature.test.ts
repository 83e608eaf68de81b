import {Webhook} from 'standardwebhooks';
import {expect, test} from 'vitest';
import {SEALING_KEY_BYTES, sealingUnder} from '../../src/domain/sealing.ts';
import {isSecret, newSecret, sign, verify} from '../../src/domain/signature.ts';

const BODY = '{"type":"task.offered","data":{"text":"åß"}}';

test('what we sign, the reference library verifies, under both secrets of a rotation', () => {
  const [secret, old] = [newSecret(), newSecret()];
  const headers = sign([secret, old], 'a-1', Date.now(), BODY);
  for (const each of [secret, old]) expect(new Webhook(each).verify(BODY, headers)).toEqual(JSON.parse(BODY));
  expect(() => new Webhook(newSecret()).verify(BODY, headers)).toThrow('No matching signature');
});

test('what the reference library signs, we verify', () => {
  const secret = newSecret();
  const atMs = 1_780_000_000_000;
  const signature = new Webhook(secret).sign('msg_1', new Date(atMs), BODY);
  const headers = {'webhook-id': 'msg_1', 'webhook-timestamp': `${atMs / 1_000}`, 'webhook-signature': signature};
  const verdict = (changed: object, body = BODY, nowMs = atMs) =>
    verify(secret, {...headers, ...changed}, body, nowMs, 300).kind;
  expect(verify(secret, headers, BODY, atMs + 299_000, 300)).toEqual({kind: 'signed', id: 'msg_1', atMs});
  expect(verdict({'webhook-signature': `v1a,AAAA v1,AAAA ${signature}`})).toBe('signed');
  expect(verdict({}, BODY, atMs + 301_000)).toBe('stale');
  expect(verdict({}, BODY, atMs - 301_000)).toBe('stale');
  expect(verdict({}, `${BODY} `)).toBe('forged');
  expect(verdict({'webhook-id': 'msg_2'})).toBe('forged');
  expect(verdict({'webhook-timestamp': `${atMs / 1_000 + 1}`})).toBe('forged');
  expect(verdict({'webhook-signature': signature.slice(3)})).toBe('forged');
  expect(verdict({'webhook-signature': undefined})).toBe('unsigned');
  expect(verdict({'webhook-id': 'a\nb'})).toBe('unsigned');
});

test('secrets have the form of the specification', () => {
  expect(newSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newSecret()).not.toBe(newSecret());
  const coded = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');
  expect([24, 64].map((bytes) => isSecret(`whsec_${coded(bytes)}`))).toEqual([true, true]);
  expect([23, 65].map((bytes) => isSecret(`whsec_${coded(bytes)}`))).toEqual([false, false]);
  expect(isSecret('whsec_not base64 at all, however long it may be')).toBe(false);
});

test('what is sealed opens under its key for its context, and under no other; older keys still open', () => {
  const [old, other, fresh] = [1, 2, 3].map((byte) => new Uint8Array(SEALING_KEY_BYTES).fill(byte));
  const sealed = sealingUnder([old!]).seal('whsec_x', 'webhook r/1');
  expect(sealingUnder([old!]).open(sealed, 'webhook r/1')).toBe('whsec_x');
  expect(sealingUnder([fresh!, old!]).open(sealed, 'webhook r/1')).toBe('whsec_x');
  const broken = Uint8Array.from(sealed, (byte, i) => (i === sealed.length - 1 ? byte ^ 1 : byte));
  expect(() => sealingUnder([other!]).open(sealed, 'webhook r/1')).toThrow('CLOUDRUN_SEALING_KEY');
  expect(() => sealingUnder([old!]).open(sealed, 'webhook r/2')).toThrow();
  expect(() => sealingUnder([old!]).open(broken, 'webhook r/1')).toThrow();
  expect(() => sealingUnder([old!]).open(new Uint8Array(3), 'webhook r/1')).toThrow();
  expect(Buffer.from(sealed).includes('whsec_x')).toBe(false);
});
