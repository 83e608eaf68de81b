// What the composition roots give to webhooks and providers: the sealing of secrets, and how names are resolved.

import {lookup, Resolver} from 'node:dns/promises';
import type {DaemonConfig} from '../config.ts';
import {type Sealing, sealingUnder} from '../domain/sealing.ts';
import type {Resolve} from '../loops/webhook-target.ts';

export const sealingOf = ({sealingKeys}: Pick<DaemonConfig, 'sealingKeys'>): Sealing | undefined =>
  sealingKeys.length === 0 ? undefined : sealingUnder(sealingKeys);

/** Of one name, whatever its servers do. */
const LOOKUP_LIMIT_MS = 5_000;
const LOOKUP_TIMEOUT_MS = 1_500;
const LOOKUP_TRIES = 2;

/**
 * Asks the machine's name servers, or those given, for both kinds of addresses. Not `lookup`, which takes one of four
 * threads that files are read by too, for half a minute where a name's servers are silent. Knows no hosts file.
 */
export function resolverOf(servers?: readonly string[], limitMs = LOOKUP_LIMIT_MS): Resolve {
  return async (hostname) => {
    const resolver = new Resolver({timeout: LOOKUP_TIMEOUT_MS, tries: LOOKUP_TRIES});
    if (servers) resolver.setServers(servers);
    const limit = setTimeout(() => resolver.cancel(), limitMs);
    const found = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    clearTimeout(limit);
    return found.flatMap((answer, i) =>
      answer.status === 'fulfilled' ? answer.value.map((address) => ({address, family: i === 0 ? 4 : 6})) : [],
    );
  };
}

/** As the machine resolves names, with its hosts file: for hosts that the configuration lists, and for no others. */
export const lookUpName: Resolve = (hostname) => lookup(hostname, {all: true});
