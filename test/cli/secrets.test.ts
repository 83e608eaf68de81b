import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {expect, test} from 'vitest';
import {resolverOf} from '../../src/cli/secrets.ts';

test('a name whose servers are silent is given up, and has no address', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const resolve = resolverOf([`127.0.0.1:${silent.address().port}`], 100);
  expect(await resolve('slow.example')).toEqual([]);
  silent.close();
});

test('addresses of both kinds are asked for, and one kind is enough', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = new Set<number>();
  server.on('message', (query, {port}) => {
    const end = query.indexOf(0, 12) + 5;
    const kind = query.readUInt16BE(end - 4);
    asked.add(kind);
    // Of type A: one answer, whose name is a pointer to the question's.
    const answers = kind === 1 ? [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 7] : [];
    const head = [query[0]!, query[1]!, 0x81, 0x80, 0, 1, 0, answers.length > 0 ? 1 : 0, 0, 0, 0, 0];
    server.send(Buffer.concat([Buffer.from(head), query.subarray(12, end), Buffer.from(answers)]), port);
  });
  const resolve = resolverOf([`127.0.0.1:${server.address().port}`]);
  expect(await resolve('a.example')).toEqual([{address: '192.0.2.7', family: 4}]);
  expect(asked).toEqual(new Set([1, 28]));
  server.close();
});
