// What a driver's token reaches: the driver's own, with every trick a request allows.
import {expect, test} from 'vitest';
import {readDossier} from '../../../src/db/dossiers.ts';
import {changeTask} from '../../../src/db/tasks.ts';
import {bring, newId, offer, openMarket} from '../../db/market.ts';
import {accessServers, bearer, makeToken} from './tokens.ts';

const {db, serverOf} = accessServers();

test('a task that was offered once is answered about but not read; others do not exist', async () => {
  const {codeOf, ask} = serverOf();
  const m = await openMarket(db(), {drivers: 2, tasks: 2});
  const [mine, others] = m.drivers as [string, string];
  const [first, second] = m.tasks as [string, string];
  const held = bearer((await makeToken(db(), [`driver:${mine}`])).text);
  const region = `regionId=${m.regionId}`;
  const act = (task: string, action: string, driverId = mine) =>
    ({method: 'POST', url: `/v1/tasks/${task}/${action}?${region}`, payload: {driverId}}) as const;

  await offer(m, first, mine);
  await bring(m, second, others, 'OFFERED');
  expect(await codeOf(`/v1/tasks/${first}?${region}`, held)).toBe('answered');
  expect(await codeOf(`/v1/tasks/${first.toUpperCase()}?${region}`, held)).toBe('answered');
  await changeTask(db(), m.regionId, first, 'reject', {driverId: mine});
  expect((await ask(act(first, 'reject'), held)).json()).toMatchObject({state: 'PENDING', repeated: true});
  expect(await codeOf(act(first, 'accept'), held)).toBe('ILLEGAL_CHANGE');
  expect(await codeOf(`/v1/tasks/${first}?${region}`, held)).toBe('TASK_NOT_FOUND');

  const absent = newId();
  for (const action of ['accept', 'release']) {
    const [theirs, nobodys] = [await ask(act(second, action), held), await ask(act(absent, action), held)];
    expect(theirs.body.replaceAll(second, '')).toBe(nobodys.body.replaceAll(absent, ''));
    expect(await codeOf(act(second, action, others), held)).toBe('NOT_OWN');
  }
  // Without a driver, these two are an operator's.
  const verification = {verifiedBy: 'clerk-1', units: 2};
  const release = {method: 'POST', url: `/v1/tasks/${first}/release?${region}`, payload: {}} as const;
  const comeBack = {method: 'POST', url: `/v1/tasks/${first}/return?${region}`, payload: {verification}} as const;
  expect([await codeOf(release, held), await codeOf(comeBack, held)]).toEqual(['NOT_OWN', 'NOT_OWN']);
});

test('an offer of the driver is read and answered, closed or not; those of others do not exist', async () => {
  const {codeOf, ask} = serverOf();
  const m = await openMarket(db(), {drivers: 2, tasks: 3});
  const [mine, others] = m.drivers as [string, string];
  const {id: tokenId, text} = await makeToken(db(), [`driver:${mine}`]);
  const held = bearer(text);
  const region = `regionId=${m.regionId}`;
  const [own, theirs] = [await offer(m, m.tasks[0]!, mine), await offer(m, m.tasks[1]!, others)];
  const answer = (id: string, action: string, driverId: string) =>
    ({method: 'POST', url: `/v1/offers/${id}/${action}?${region}`, payload: {driverId}}) as const;

  expect(await codeOf(`/v1/offers/${own}?${region}`, held)).toBe('answered');
  const absent = newId();
  const [other, nobodys] = [
    await ask(`/v1/offers/${theirs}?${region}`, held),
    await ask(`/v1/offers/${absent}?${region}`, held),
  ];
  expect(other.statusCode).toBe(404);
  expect(other.body.replaceAll(theirs, '')).toBe(nobodys.body.replaceAll(absent, ''));
  expect(await codeOf(answer(theirs, 'accept', mine), held)).toBe('OFFER_NOT_FOUND');
  expect(await codeOf(answer(theirs, 'accept', others), held)).toBe('NOT_OWN');
  expect(await codeOf(answer(own, 'reject', others), held)).toBe('NOT_OWN');

  expect((await ask(answer(own.toUpperCase(), 'accept', mine), held)).json()).toMatchObject({state: 'ACCEPTED'});
  expect((await ask(`/v1/offers/${own}?${region}`, held)).json()).toMatchObject({state: 'ACCEPTED'});
  expect(await codeOf(`/v1/offers?${region}`, held)).toBe('NOT_OWN');
  expect(await codeOf(`/v1/offers?${region}&driverId=${others}`, held)).toBe('NOT_OWN');
  expect((await ask(`/v1/offers?${region}&driverId=${mine}`, held)).json().offers).toMatchObject([{id: own}]);
  const listed = await ask(`/v1/offers?${region}&driverId=${mine}&taskId=${m.tasks[1]}`, held);
  expect(listed.json().offers).toEqual([]);

  const dossier = await readDossier(db(), m.regionId, m.tasks[0]!);
  if (dossier.kind !== 'dossier') throw new Error(dossier.kind);
  expect(dossier.dossier.events.at(-1)?.body).toContain(`"caller":"${tokenId}"`);
});

test('a key of one token is not that of another, and is no way past what a token may', async () => {
  const {ask} = serverOf();
  const m = await openMarket(db(), {drivers: 2, tasks: 1});
  const taskId = m.tasks[0]!;
  const [one, two, read] = [
    await makeToken(db(), ['services']),
    await makeToken(db(), ['services']),
    await makeToken(db(), ['read']),
  ];
  const request = {method: 'POST', url: `/v1/tasks/${taskId}/cancel?regionId=${m.regionId}`, payload: {}} as const;
  const cancel = (token: typeof one) => ask(request, {...bearer(token.text), 'idempotency-key': 'k'});
  const isReplay = async (token: typeof one) => {
    const {statusCode, headers} = await cancel(token);
    return [statusCode, headers['idempotency-replayed']];
  };
  expect(await isReplay(one)).toEqual([200, undefined]);
  expect(await isReplay(two)).toEqual([200, undefined]);
  expect(await isReplay(one)).toEqual([200, 'true']);
  expect(await isReplay(read)).toEqual([403, undefined]);
});

test('one foreign position spoils the batch, and a list must name the driver', async () => {
  const {codeOf} = serverOf();
  const m = await openMarket(db(), {drivers: 2, tasks: 0});
  const [mine, others] = m.drivers as [string, string];
  const held = bearer((await makeToken(db(), [`driver:${mine}`])).text);
  const batch = (...drivers: string[]) => {
    const at = {lon: 11.9, lat: 57.7, recordedAt: '2026-06-01T18:00:00Z'};
    const payload = {regionId: m.regionId, positions: drivers.map((driverId) => ({driverId, ...at}))};
    return {method: 'POST', url: '/v1/drivers/positions', payload} as const;
  };
  expect(await codeOf(batch(mine), held)).toBe('answered');
  expect(await codeOf(batch(mine.toUpperCase()), held)).toBe('answered');
  expect(await codeOf(batch(mine, others), held)).toBe('NOT_OWN');
  const list = (query: string) => codeOf(`/v1/tasks?regionId=${m.regionId}${query}`, held);
  expect(await list('')).toBe('NOT_OWN');
  expect(await list(`&driverId=${mine}`)).toBe('answered');
  expect(await list(`&driverId=${others}`)).toBe('NOT_OWN');
  expect(await list(`&driverId=${mine}&driverId=${others}`)).toMatch(/INVALID|NOT_OWN/);
  const [a, b] = [
    await codeOf(`/v1/drivers/${others}?regionId=${m.regionId}`, held),
    await codeOf(`/v1/drivers/${newId()}`, held),
  ];
  expect([a, b]).toEqual(['NOT_OWN', 'NOT_OWN']);
});

test('a token for two drivers reaches both', async () => {
  const {codeOf} = serverOf();
  const m = await openMarket(db(), {drivers: 3, tasks: 0});
  const [a, b, c] = m.drivers as [string, string, string];
  const held = bearer((await makeToken(db(), [`driver:${a}`, `driver:${b}`])).text);
  const read = (id: string) => codeOf(`/v1/drivers/${id}?regionId=${m.regionId}`, held);
  expect([await read(a), await read(b), await read(c)]).toEqual(['answered', 'answered', 'NOT_OWN']);
});
