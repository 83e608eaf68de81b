import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {expect, test} from 'vitest';
import {postWebhook, WEBHOOK_ANSWER_LIMIT_BYTES} from '../../src/loops/webhook-post.ts';
import {type Resolve, targetsBy} from '../../src/loops/webhook-target.ts';

const to =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({address, family: address.includes(':') ? 6 : 4}));
const HEADERS = {'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x'};

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.20.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '192.0.2.1',
  '::1',
  '::',
  'fe80::1',
  'fd12::1',
  'ff02::1',
  '::ffff:10.0.0.1',
  '::ffff:127.0.0.1',
  '64:ff9b::a00:1',
  '2002:a00:1::1',
  '::127.0.0.1',
  '4000::1',
  '1fff::1',
])('a name that leads to %s is refused, alone or beside a public address', async (address) => {
  const refused = {kind: 'refused', reason: 'ADDRESS_NOT_PUBLIC'};
  expect(await targetsBy(to(address), [])('https://a.example/hook')).toEqual(refused);
  expect(await targetsBy(to('8.8.8.8', address), [])('https://a.example/hook')).toEqual(refused);
  const literal = address.includes(':') ? `[${address}]` : address;
  expect(await targetsBy(to('8.8.8.8'), [])(`https://${literal}/hook`)).toEqual(refused);
});

test('public addresses are allowed, and pinned', async () => {
  const addresses = [
    {address: '8.8.8.8', family: 4},
    {address: '2606:4700::1111', family: 6},
  ];
  const target = await targetsBy(to('8.8.8.8', '2606:4700::1111'), [])('https://a.example/hook');
  expect(target).toMatchObject({kind: 'allowed', addresses});
});

test.each([
  ['http://a.example/', 'URL_NOT_HTTPS'],
  ['ftp://a.example/', 'URL_NOT_HTTPS'],
  ['https://user:word@a.example/', 'URL_WITH_CREDENTIALS'],
  ['https://a.example/#part', 'URL_WITH_CREDENTIALS'],
  ['a.example', 'URL_UNREADABLE'],
  [`https://a.example/${'x'.repeat(2_000)}`, 'URL_UNREADABLE'],
  ['https://2130706433/', 'ADDRESS_NOT_PUBLIC'],
  ['https://0x7f.1/', 'ADDRESS_NOT_PUBLIC'],
])('%s is refused: %s', async (url, reason) => {
  expect(await targetsBy(to('8.8.8.8'), [])(url)).toEqual({kind: 'refused', reason});
});

test('a name without an address is refused', async () => {
  const resolve = async () => Promise.reject(new Error('ENOTFOUND'));
  expect(await targetsBy(resolve, [])('https://a.example/')).toEqual({kind: 'refused', reason: 'NAME_UNRESOLVED'});
});

test('a listed host may be http and local, with its port and no other', async () => {
  const check = targetsBy(to('8.8.8.8'), ['127.0.0.1:9000']);
  expect((await check('http://127.0.0.1:9000/a')).kind).toBe('allowed');
  expect((await check('http://127.0.0.1:9001/a')).kind).toBe('refused');
});

/** A receiver on loopback, and what it was asked. */
async function receiver(answer: (path: string) => {status: number; headers?: Record<string, string>; body?: string}) {
  const asked: {path: string; host: string | undefined; body: string}[] = [];
  const server = createServer(async (request, reply) => {
    const body = (await request.toArray()).join('');
    asked.push({path: request.url!, host: request.headers.host, body});
    const {status, headers, body: text = ''} = answer(request.url!);
    if (status !== 0) reply.writeHead(status, headers).end(text);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const {port} = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return {asked, port, close};
}

test('the request goes to the address that was checked, whatever the name leads to now', async () => {
  const {asked, port, close} = await receiver(() => ({status: 200}));
  const url = new URL(`http://rebound.invalid:${port}/hook`);
  const target = {kind: 'allowed', url, addresses: [{address: '127.0.0.1', family: 4}]} as const;
  expect(await postWebhook(target, HEADERS, '{"a":1}')).toEqual({kind: 'delivered'});
  expect(asked).toEqual([{path: '/hook', host: `rebound.invalid:${port}`, body: '{"a":1}'}]);
  close();
});

test('a redirect is a failure and is not followed; so are errors, silence, and nobody there', async () => {
  const statuses: Record<string, number> = {'/moved': 302, '/broken': 500, '/silent': 0};
  const {asked, port, close} = await receiver((path) => ({
    status: statuses[path]!,
    headers: {location: `http://127.0.0.1:${port}/elsewhere`},
  }));
  const post = (path: string, at = port) =>
    postWebhook(
      {
        kind: 'allowed',
        url: new URL(`http://a.invalid:${at}${path}`),
        addresses: [{address: '127.0.0.1', family: 4}],
      },
      HEADERS,
      '{}',
      path === '/silent' ? 100 : undefined,
    );
  expect(await post('/moved')).toEqual({kind: 'failed', error: 'HTTP_302'});
  expect(await post('/broken')).toEqual({kind: 'failed', error: 'HTTP_500'});
  expect(await post('/silent')).toEqual({kind: 'failed', error: 'TIMEOUT'});
  expect(asked.map(({path}) => path)).toEqual(['/moved', '/broken', '/silent']);
  close();
  expect(await post('/gone')).toEqual({kind: 'failed', error: 'ECONNREFUSED'});
});

test('a long answer is cut off, and the delivery counts', async () => {
  const {port, close} = await receiver(() => ({status: 200, body: 'x'.repeat(20 * WEBHOOK_ANSWER_LIMIT_BYTES)}));
  const target = {
    kind: 'allowed',
    url: new URL(`http://a.invalid:${port}/`),
    addresses: [{address: '127.0.0.1', family: 4}],
  } as const;
  expect(await postWebhook(target, HEADERS, '{}')).toEqual({kind: 'delivered'});
  close();
});
