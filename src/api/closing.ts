// How the HTTP side ends: requests under way are finished, later ones refused, and no connection holds it up.
//
// Node closes the connections that wait for another request. It would wait for ever for one on which none has come yet
// (browsers and pools open such ahead of time), or not the whole of one, since it stops watching time limits as well.

import type {Socket} from 'node:net';
import type {FastifyInstance} from 'fastify';
import {refuse} from './failures.ts';
import {HANDLER_TIMEOUT_MS} from './limits.ts';

/** While the server closes, connections that are still open are looked at so often. */
const LOOK_EVERY_MS = 250;

export function endInOrder(app: FastifyInstance, {isTls}: {readonly isTls: boolean}): void {
  const open = new Set<Socket>();
  const asked = new WeakSet<Socket>();
  let closing = false;

  // Over TLS a request knows the socket of its session, not the one below.
  app.server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.server.on('request', ({socket}: {readonly socket: Socket}) => asked.add(socket));

  app.addHook('preClose', async () => {
    closing = true;
    let leftMs = HANDLER_TIMEOUT_MS;
    const look = () => {
      for (const socket of open) if (leftMs <= 0 || !asked.has(socket)) socket.destroy();
      leftMs -= LOOK_EVERY_MS;
    };
    look();
    const looking = setInterval(look, LOOK_EVERY_MS);
    looking.unref();
    app.server.once('close', () => clearInterval(looking));
  });
  app.addHook('onRequest', async (_request, reply) => {
    if (closing) return reply.send(refuse(reply, {kind: 'stopping'}));
  });
}
