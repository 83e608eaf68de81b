import {expect, test} from 'vitest';
import {readTypes, servedDocument, stampOf} from './client-types.ts';

test('the types of the client are those of the OpenAPI document: after a change of it run npm run client', async () => {
  const {stamp, types} = readTypes();
  expect(stamp).toBe(stampOf(await servedDocument(), types));
});
