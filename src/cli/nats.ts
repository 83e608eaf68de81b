// Positions over NATS, where the configuration names servers.

import {readFileSync} from 'node:fs';
import {positionReader} from '../api/position-shapes.ts';
import type {DaemonConfig} from '../config.ts';
import type {Clock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {type FeedObserver, startPositionFeed} from '../loops/position-feed.ts';
import type {Positions} from '../loops/positions.ts';
import type {RegionDispatcher} from '../loops/region-dispatcher.ts';

/** Listens until the function it returns is called. InputFailure NATS_CREDENTIALS_UNREADABLE. */
export function listenToNats(
  nats: DaemonConfig['nats'],
  regions: readonly {readonly id: string}[],
  dispatchers: ReadonlyMap<string, RegionDispatcher>,
  positions: Positions,
  clock: Clock,
  observer: FeedObserver,
): () => Promise<void> {
  if (!nats) return async () => {};
  return startPositionFeed({
    servers: nats.servers,
    credentials: nats.credentialsPath === undefined ? undefined : readCredentials(nats.credentialsPath),
    regionIds: regions.map(({id}) => id),
    isOwner: (regionId) => dispatchers.get(regionId)?.claim()?.kind === 'held',
    positions,
    read: positionReader(),
    clock,
    observer,
  });
}

function readCredentials(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new InputFailure('NATS_CREDENTIALS_UNREADABLE', `${path} cannot be read (${code})`);
  }
}
