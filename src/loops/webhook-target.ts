// Which addresses a webhook may reach. The name is resolved here, every address of it must be a public one, and the
// request then connects to just these: a name that resolves otherwise a moment later changes nothing.

import ipaddr from 'ipaddr.js';

/** Every address of a name. Rejects where there is none. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;
export type Address = {readonly address: string; readonly family: number};

export type Target =
  | {readonly kind: 'allowed'; readonly url: URL; readonly addresses: readonly Address[]}
  | {readonly kind: 'refused'; readonly reason: TargetRefusal};

/** Every way a target is refused, and what to tell of it. */
export const TARGET_REFUSALS = {
  URL_UNREADABLE: 'the URL cannot be read, or is longer than 2,000 characters',
  URL_NOT_HTTPS: 'the URL is not https',
  URL_WITH_CREDENTIALS: 'the URL carries a user, a password or a fragment',
  NAME_UNRESOLVED: 'the name has no address',
  ADDRESS_NOT_PUBLIC: 'the name leads to an address that is private, local or reserved',
} as const;
export type TargetRefusal = keyof typeof TARGET_REFUSALS;

export type CheckTarget = (url: string) => Promise<Target>;

const URL_LIMIT = 2_000;

/** `allow` lists hosts with their port, such as 127.0.0.1:9000, that may be http and anywhere. */
export function targetsBy(resolve: Resolve, allow: readonly string[], resolveListed = resolve): CheckTarget {
  const refused = (reason: TargetRefusal): Target => ({kind: 'refused', reason});
  return async (text) => {
    const url = URL.parse(text);
    if (url === null || text.length > URL_LIMIT) return refused('URL_UNREADABLE');
    const isListed = allow.includes(`${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`);
    if (url.protocol !== 'https:' && !(isListed && url.protocol === 'http:')) return refused('URL_NOT_HTTPS');
    if (url.username || url.password || url.hash) return refused('URL_WITH_CREDENTIALS');
    const addresses = await addressesOf(url, isListed ? resolveListed : resolve);
    if (addresses.length === 0) return refused('NAME_UNRESOLVED');
    if (!isListed && !addresses.every(({address}) => isPublic(address))) return refused('ADDRESS_NOT_PUBLIC');
    return {kind: 'allowed', url, addresses};
  };
}

async function addressesOf({hostname}: URL, resolve: Resolve): Promise<readonly Address[]> {
  // URL.parse has written whatever stands for an IPv4 address as four decimals.
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(literal)) return [{address: literal, family: literal.includes(':') ? 6 : 4}];
  return resolve(hostname).catch(() => []);
}

/**
 * What is no ordinary address of the public internet is refused: private, loopback, link-local, unique local,
 * multicast, reserved, carrier-grade NAT, and what wraps an IPv4 address (6to4, Teredo, NAT64). A mapped IPv4 address
 * is judged as what it maps. Of IPv6 only 2000::/3 is given out; the rest is unicast by default, such as ::127.0.0.1.
 */
function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const judged = ipaddr.process(address);
  const isGivenOut = judged instanceof ipaddr.IPv4 || judged.parts[0] >> 13 === 1;
  return isGivenOut && judged.range() === 'unicast';
}
