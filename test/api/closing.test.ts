// What clients leave open does not keep a daemon from ending.
import {once} from 'node:events';
import {type AddressInfo, connect} from 'node:net';
import {expect, test} from 'vitest';
import {databaseGone, fakeServer} from './world.ts';

test.each([
  ['nothing', ''],
  ['half of a request', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'],
])('a connection on which %s has come is closed when the server ends', async (_what, bytes) => {
  const app = fakeServer(databaseGone);
  await app.listen({port: 0, host: '127.0.0.1'});
  const accepted = once(app.server, 'connection');
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  const closed = once(socket, 'close');
  await accepted;
  if (bytes) socket.write(bytes);
  await app.close();
  await closed;
  expect(socket.destroyed).toBe(true);
});

test('a connection that waits for its next request is closed, one that is answered is not cut', async () => {
  const app = fakeServer(databaseGone);
  const address = await app.listen({port: 0, host: '127.0.0.1'});
  const answers = await Promise.all(Array.from({length: 5}, () => fetch(`${address}/healthz`)));
  for (const answer of answers) expect(await answer.json()).toEqual({status: 'ok'});
  await app.close();
  await expect(fetch(`${address}/healthz`)).rejects.toThrow();
});
