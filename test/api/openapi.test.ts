import {expect, test} from 'vitest';
import {PROBLEMS} from '../../src/api/failures.ts';
import {databaseGone, fakeServer} from './world.ts';

type Schema = Record<string, unknown>;
type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: {name: string; in: string; required?: boolean; schema: Schema}[];
  requestBody?: {required?: boolean; content: Record<string, {schema: Schema}>};
  responses: Record<string, {description: string; content?: Record<string, {schema: Schema}>}>;
};

const app = fakeServer(databaseGone);
const routes: {method: string | string[]; url: string; schema?: {hide?: boolean}}[] = [];
app.addHook('onRoute', (route) => void routes.push(route));
const document = (await app.inject('/docs/json')).json();
const operations: [string, Operation][] = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Operation>).map(([verb, operation]): [string, Operation] => [
    `${verb.toUpperCase()} ${path}`,
    operation,
  ]),
);

/** Every schema inside `value`, references resolved by name only. */
function* referencesIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref') yield inner as string;
    else yield* referencesIn(inner);
  }
}

test('every route is in the document, but for the pages and the document itself', () => {
  const served = routes
    .filter(({method, schema}) => method !== 'HEAD' && !schema?.hide)
    .map(({method, url}) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
  expect(operations.map(([name]) => name).sort()).toEqual(served.sort());
  const hidden = routes.filter(({schema}) => schema?.hide).map(({url}) => url);
  expect([...new Set(hidden)].filter((url) => !url.startsWith('/page/')).sort()).toEqual([
    '/',
    '/assets/:name',
    '/docs',
    '/docs/json',
    '/etas',
    '/what-if',
  ]);
});

test('the issue asks for these routes, and they are there', () => {
  const action = (name: string) => `POST /v1/tasks/{id}/${name}`;
  expect(operations.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'POST /internal/dispatch/tick',
      'POST /internal/dispatch/expire_offers',
      'GET /internal/dispatch/ticks',
      'GET /internal/dispatch/ticks/{id}',
      'POST /internal/dispatch/regions/{id}/pause',
      'POST /internal/dispatch/regions/{id}/resume',
      'POST /v1/drivers',
      'GET /v1/drivers',
      'GET /v1/drivers/{id}',
      'POST /v1/drivers/positions',
      'GET /v1/drivers/nearby',
      'PUT /v1/drivers/{id}/documents',
      'GET /v1/drivers/{id}/eligibility',
      'GET /v1/tasks/{id}/eligibility',
      'GET /v1/rules',
      'PUT /v1/rules/{code}',
      'DELETE /v1/rules/{code}',
      'GET /v1/regions/{id}/kill-switches',
      'PUT /v1/regions/{id}/kill-switches/{category}',
      'DELETE /v1/regions/{id}/kill-switches/{category}',
      'POST /v1/stores',
      'GET /v1/stores',
      'POST /v1/tasks',
      'GET /v1/tasks',
      'GET /v1/tasks/{id}',
      ...['accept', 'reject', 'pickup', 'deliver', 'fail-verification', 'return', 'cancel'].map(action),
      ...['release', 're-open'].map(action),
      'GET /v1/offers',
      'GET /v1/offers/{id}',
      'POST /v1/offers/{id}/accept',
      'POST /v1/offers/{id}/reject',
      'POST /v1/drivers/{id}/shift-on',
      'POST /v1/drivers/{id}/shift-off',
      'PUT /v1/drivers/{id}/position',
      'POST /v1/addresses',
      'GET /v1/addresses/{id}',
      'GET /internal/map/demand',
      'GET /internal/etas',
      'GET /tiles/{z}/{x}/{y}.mvt',
      'GET /route/v1/{profile}/{coordinates}',
      'GET /table/v1/{profile}/{coordinates}',
      'GET /nearest/v1/{profile}/{coordinates}',
      'GET /internal/map/live',
      'GET /v1/isochrones',
      'GET /metrics',
      'GET /healthz',
      'GET /readyz',
    ]),
  );
});

test('every operation has an id of its own, a summary, a known tag, and a schema for every answer', () => {
  const ids = operations.map(([, {operationId}]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({name}: {name: string}) => name);
  for (const [name, operation] of operations) {
    expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z]+$/);
    expect(operation.summary, name).toBeTruthy();
    expect(tags, name).toContain(operation.tags[0]);
    expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(['200', '400', '403', '500', '503']));
    for (const [status, answer] of Object.entries(operation.responses)) {
      expect(answer.description, `${name} ${status}`).toBeTruthy();
      const [media] = Object.entries(answer.content ?? {});
      if (status !== '304') expect(media?.[1].schema, `${name} ${status}`).toBeTruthy();
      // OSRM's clients know OSRM's errors; who guards the door answers before.
      const isOsrm = operation.tags[0] === 'osrm' && !['401', '403', '429'].includes(status);
      const problem = Number(status) >= 400 && !isOsrm && !(name === 'GET /readyz' && status === '503');
      expect(media?.[0] === 'application/problem+json', `${name} ${status}`).toBe(problem);
    }
  }
});

test('path parameters are declared, bodies are closed objects, and only needed ones are required', () => {
  for (const [name, {parameters = [], requestBody}] of operations) {
    const declared = parameters.filter((each) => each.in === 'path').map((each) => each.name);
    expect(declared, name).toEqual([...name.matchAll(/\{(\w+)\}/g)].map(([, inPath]) => inPath));
    const schema = requestBody?.content['application/json']?.schema;
    if (schema?.type !== 'object') continue;
    expect(schema.additionalProperties, name).toBe(false);
    expect(requestBody?.required, name).toBe(((schema.required as string[]) ?? []).length > 0);
  }
});

test('every reference leads to a shape, and every shape is used', () => {
  const used = new Set(referencesIn(document));
  const shapes = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...used].sort()).toEqual(shapes.sort());
});

test('every problem is listed once, under the status it is answered with, with a title', () => {
  const listed: {code: string; status: number; title: string}[] = document['x-problems'];
  expect(new Set(listed.map(({status, code}) => `${status} ${code}`)).size).toBe(listed.length);
  for (const {title, code} of listed)
    expect([code, title]).toEqual([expect.stringMatching(/^[A-Z][A-Z_0-9]+$/), expect.stringMatching(/^[A-Z].*[^.]$/)]);
  const statuses = Object.fromEntries(listed.map(({code, status}) => [code, status]));
  for (const [status, code] of Object.values(PROBLEMS)) expect([code, statuses[code]]).toEqual([code, status]);
  expect(statuses).toMatchObject({
    ILLEGAL_CHANGE: 409,
    UNDER_21: 422,
    WEBHOOK_URL_NOT_HTTPS: 422,
    CAPACITY_BELOW_LOAD: 409,
  });
});

test('it says that it is OpenAPI 3.1', () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(document.info.version).toBe('test');
});
