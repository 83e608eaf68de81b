// The client of the HTTP interface that its users may have too: openapi-fetch over types made of the OpenAPI document.

import type {AddressInfo} from 'node:net';
import type {FastifyInstance} from 'fastify';
import createClient, {type Client} from 'openapi-fetch';
import type {paths} from '../golden/api.d.ts';

export type ApiClient = Client<paths>;

/** Lets the server listen, and talks to it over HTTP. */
export async function clientOf(app: FastifyInstance): Promise<ApiClient> {
  await app.listen({port: 0, host: '127.0.0.1'});
  const {port} = app.server.address() as AddressInfo;
  return createClient<paths>({baseUrl: `http://127.0.0.1:${port}`});
}

/** What a test compares: the fields of the answer or of the problem, and the status as `http`. */
export async function told<D extends object, E extends object>(
  call: Promise<{readonly data?: D; readonly error?: E; readonly response: Response}>,
): Promise<Partial<D & E> & {readonly http: number}> {
  const {data, error, response} = await call;
  return {...(data as D), ...(error as E), http: response.status};
}
