// Whatever text reaches the services over a real connection, the answer is one of OSRM's.
import {once} from 'node:events';
import {Agent, get} from 'node:http';
import type {AddressInfo} from 'node:net';
import {json} from 'node:stream/consumers';
import fc from 'fast-check';
import {afterAll, expect, test} from 'vitest';
import {OSRM_CODES, type OsrmCode, statusOf} from '../../../src/api/osrm/refusal.ts';
import {town} from '../../support/town.ts';
import {townServer} from './town-server.ts';

const {graph} = town(`
  a-b-c
  |   |
  d-e-f
`);
const {app} = townServer(graph);
await app.listen({host: '127.0.0.1', port: 0});
const {port} = app.server.address() as AddressInfo;
const agent = new Agent({keepAlive: true, maxSockets: 1});
afterAll(() => {
  agent.destroy();
  return app.close();
});

async function answerTo(path: string): Promise<{status: number; code: 'Ok' | OsrmCode; message: string}> {
  const [response] = await once(get({host: '127.0.0.1', port, path, agent}), 'response');
  const {code, message} = (await json(response)) as {code: 'Ok' | OsrmCode; message: string};
  return {status: response.statusCode, code, message};
}

const fuzzed = fc.oneof(
  fc.string({unit: 'binary'}),
  fc.string(),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '/',
          ';',
          ',',
          '?',
          '&',
          '=',
          '.json',
          'polyline(',
          'polyline6(',
          ')',
          '%',
          '..',
          '11.97,57.70',
        ),
        fc.constantFrom('steps=true', 'annotations=', 'sources=', 'radiuses=', 'bearings=0,10', 'waypoints=0;1', 'all'),
        fc.constantFrom('hints=', 'number=', 'scale_factor=', 'fallback_speed=', 'unlimited', '0', '1', '-1', '1e400'),
        fc.string(),
        fc.constantFrom('11.97,57.70', '0.0001,-0.0009', '0.00045,0'),
      ),
      {maxLength: 12},
    )
    .map((parts) => parts.join('')),
  fc.string().map((more) => `0.0001,-0.0009;0.00045,0?${more}`),
);

test('whatever is asked is answered with Ok or a code that is documented', async () => {
  const before = [
    '/',
    '/route/v1/driving/',
    '/table/v1/car/',
    '/nearest/v1/driving/',
    '/trip/v1/driving/',
    '/route/v2/a/',
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...before), fuzzed, fc.boolean(), async (prefix, text, encode) => {
      const rest = encode ? encodeURIComponent(text) : text.replace(/[^!-~]/g, '');
      const {status, code, message} = await answerTo(prefix + rest);
      if (code === 'Ok') {
        expect(status).toBe(200);
        return;
      }
      expect(OSRM_CODES).toContain(code);
      expect(status).toBe(statusOf(code));
      expect(status).toBeLessThan(500);
      expect(message).toEqual(expect.any(String));
    }),
    {numRuns: 3_000},
  );
});
