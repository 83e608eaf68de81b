// Positions on the wire, the same over HTTP and over NATS.

import {type Static, Type} from 'typebox';
import {Compile} from 'typebox/compile';
import type {DriverPosition} from '../domain/driver.ts';
import type {ReadPositions} from '../loops/position-feed.ts';
import {POSITIONS_PER_CALL} from './limits.ts';
import * as wire from './wire.ts';

/** Of a driver who is named elsewhere: in the path, or in the subject. */
export const onePosition = wire.record({lon: wire.lon, lat: wire.lat, recordedAt: wire.instant});

const positionIn = wire.record({driverId: wire.uuid, lon: wire.lon, lat: wire.lat, recordedAt: wire.instant});

export const positionBatch = wire.record({
  regionId: Type.Optional(wire.regionId),
  positions: Type.Array(positionIn, {minItems: 1, maxItems: POSITIONS_PER_CALL}),
});

/** As they come over NATS: bytes of JSON. */
export function positionReader(): ReadPositions {
  const [batches, ones] = [Compile(positionBatch), Compile(positionIn)];
  return {
    batch(bytes, regionId) {
      const given = parsed(bytes);
      const isGood = batches.Check(given) && (given.regionId ?? regionId) === regionId;
      return isGood ? given.positions.map(positionFromWire) : undefined;
    },
    one(bytes, driverId) {
      const given = parsed(bytes);
      const named = typeof given === 'object' && given !== null && !('driverId' in given) && {...given, driverId};
      return ones.Check(named) ? positionFromWire(named) : undefined;
    },
  };
}

/** undefined, which no schema takes, where it is no JSON. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch {
    return undefined;
  }
}

export const positionFromWire = ({driverId, recordedAt, ...at}: Static<typeof positionIn>): DriverPosition => ({
  driverId: driverId.toLowerCase(),
  ...wire.toE7s(at),
  recordedAtMs: wire.toMs(recordedAt),
});
