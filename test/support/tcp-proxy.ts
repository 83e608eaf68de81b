// A way to a server that can fail as networks do: connections are reset, bytes kept back or late. Between a daemon and
// its database it stands for the network between them.

import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {setTimeout as after} from 'node:timers/promises';

export type TcpProxy = {
  readonly port: number;
  /** Resets every connection at both ends; later ones work. */
  readonly cut: () => void;
  /**
   * While on, bytes are kept back both ways, of new connections too, and neither end learns of it: half-open. Those of
   * connections that still stand when it ends are sent then, in their order.
   */
  readonly hold: (on: boolean) => void;
  /** What is received from now on is sent so much later. */
  readonly delay: (ms: number) => void;
  /** Refuses new connections and resets those that stand. */
  readonly close: () => Promise<void>;
};

/** Forwards connections from a free port to `targetPort`, both on loopback. */
export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let open = Promise.withResolvers<void>();
  open.resolve();

  /** One way: everything in the order in which it came. */
  const forward = (from: Socket, to: Socket) => {
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = (send: () => void) => {
      const due = delayMs > 0 ? after(delayMs) : undefined;
      last = last
        .then(() => due)
        .then(async () => {
          // It may be held again by the time that it was let go.
          for (let held = open; ; held = open) {
            await held.promise;
            if (held === open) break;
          }
          if (!to.destroyed) send();
        });
    };
    from.on('data', (chunk) => inTurn(() => to.write(chunk)));
    from.on('end', () => inTurn(() => to.end()));
    // An end that breaks off breaks the other off; that is no error of the proxy's.
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => sockets.delete(from));
  };

  const server = createServer({allowHalfOpen: true, noDelay: true}, (client) => {
    const target = connect({port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true});
    for (const socket of [client, target]) sockets.add(socket);
    forward(client, target);
    forward(target, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    hold(on) {
      open.resolve();
      open = Promise.withResolvers<void>();
      if (!on) open.resolve();
    },
    delay(ms) {
      delayMs = ms;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
