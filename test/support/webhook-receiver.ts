// Who receives webhooks: an HTTP server on loopback that checks each signature with the reference library, and answers
// as a test says.

import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {Webhook} from 'standardwebhooks';
import type {EventMessage} from '../../src/domain/event.ts';

export type Call = {readonly id: string; readonly type: string; readonly data: EventMessage; readonly path: string};
/** A status; 'lost': taken, but the answer does not arrive; 'silent': no answer at all. */
export type Answer = number | 'lost' | 'silent';

export type Receiver = {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly url: (path?: string) => string;
  /** Every call whose signature holds, in the order of arrival. */
  readonly calls: Call[];
  /** Those that were taken: answered 200 to 299, or lost. */
  readonly taken: Call[];
  /** Calls whose signature did not hold. */
  readonly forged: string[];
  /** Resolves once `holds` does, which is asked after each call. */
  readonly until: (holds: () => boolean) => Promise<void>;
  readonly close: () => void;
};

/** `secrets` may change while it runs: any of them may have signed. */
export async function receive(secrets: string[], answer: (call: Call) => Answer = () => 200): Promise<Receiver> {
  const [calls, taken, forged]: [Call[], Call[], string[]] = [[], [], []];
  const waiting = new Set<() => void>();
  const verified = (body: string, headers: Record<string, string>): Omit<Call, 'id' | 'path'> | undefined => {
    for (const secret of secrets) {
      try {
        return new Webhook(secret).verify(body, headers) as Omit<Call, 'id' | 'path'>;
      } catch {
        // Perhaps under another.
      }
    }
    return undefined;
  };
  const server = createServer(async (request, reply) => {
    const body = (await request.toArray().catch(() => [])).join('');
    const payload = verified(body, request.headers as Record<string, string>);
    if (!payload) {
      forged.push(body);
      reply.writeHead(401).end();
      return;
    }
    const call = {...payload, id: request.headers['webhook-id'] as string, path: request.url!};
    const answered = answer(call);
    calls.push(call);
    if (answered === 'lost' || (typeof answered === 'number' && answered < 300)) taken.push(call);
    if (answered === 'lost') request.socket.destroy();
    else if (answered !== 'silent') reply.writeHead(answered).end();
    for (const look of waiting) look();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: (path = '/') => `http://${host}${path}`,
    calls,
    taken,
    forged,
    until: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          if (!holds()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
