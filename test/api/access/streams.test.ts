// Streams of events last long: longer than the token they were asked for with, and many at a time.
import {expect, test} from 'vitest';
import {EVENT_STREAMS_PER_TOKEN, TOKEN_FRESH_MS} from '../../../src/api/limits.ts';
import {revokeToken} from '../../../src/db/tokens.ts';
import {openMarket} from '../../db/market.ts';
import {happen} from '../../support/outbox.ts';
import {fakeDispatch} from '../world.ts';
import {accessServers, bearer, makeToken} from './tokens.ts';

const {db, pass, serverOf} = accessServers();

test('a stream ends with its token, before anything more is sent', async () => {
  const m = await openMarket(db(), {drivers: 0, tasks: 1});
  const {app} = serverOf({world: {dispatch: fakeDispatch({regions: [m.regionId]})}});
  const address = await app.listen({host: '127.0.0.1', port: 0});
  const {id, text} = await makeToken(db(), ['read']);
  const stream = await fetch(`${address}/v1/events?kinds=created`, {headers: bearer(text)});
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let read = '';
  const until = async (isEnough: () => boolean) => {
    for (let more = true; more && !isEnough(); ) {
      const {value = '', done} = await reader.read();
      read += value;
      more = !done;
    }
  };
  const eventsRead = () => read.split('event: created').length - 1;
  await until(() => read.includes('retry: '));
  const before = eventsRead();
  await happen(db(), m.regionId, m.tasks);
  await until(() => eventsRead() > before);
  await revokeToken(db(), id);
  pass(TOKEN_FRESH_MS + 1);
  await happen(db(), m.regionId, m.tasks);
  await until(() => false);
  expect(eventsRead()).toBe(before + 1);
});

test('one token has its part of the streams, and leaves the others theirs', async () => {
  const m = await openMarket(db(), {drivers: 0, tasks: 0});
  const {app} = serverOf({world: {dispatch: fakeDispatch({regions: [m.regionId]})}});
  const address = await app.listen({host: '127.0.0.1', port: 0});
  const [one, two] = [await makeToken(db(), ['services']), await makeToken(db(), ['services'])];
  const left = new AbortController();
  const open = ({text}: typeof one) => fetch(`${address}/v1/events`, {headers: bearer(text), signal: left.signal});
  for (let i = 0; i < EVENT_STREAMS_PER_TOKEN; i++) expect((await open(one)).status).toBe(200);
  const more = await open(one);
  expect([more.status, await more.json()]).toMatchObject([503, {code: 'STREAMS_FULL'}]);
  expect((await open(two)).status).toBe(200);
  left.abort();
});
