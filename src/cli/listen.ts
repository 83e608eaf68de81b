// A server begins to listen, or one line says why it cannot.

import type {FastifyInstance} from 'fastify';
import {InputFailure} from '../domain/failure.ts';

/** The address, `http://host:port`. Throws InputFailure `PORT_IN_USE`, `PORT_NOT_ALLOWED`, `HOST_UNKNOWN`. */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await server.listen({host, port});
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'EADDRINUSE') throw new InputFailure('PORT_IN_USE', `port ${port} of ${host} is in use`);
    if (error.code === 'EACCES') throw new InputFailure('PORT_NOT_ALLOWED', `port ${port} needs more rights`);
    if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL') {
      throw new InputFailure('HOST_UNKNOWN', `${host} is no address of this machine`);
    }
    throw error;
  }
}
