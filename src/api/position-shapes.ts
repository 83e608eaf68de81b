// Positions on the wire, the same over HTTP and over NATS.

import {type Static, Type} from 'typebox';
import type {DriverPosition} from '../domain/driver.ts';
import {POSITIONS_PER_CALL} from './limits.ts';
import * as wire from './wire.ts';

/** Of a driver who is named elsewhere: in the path, or in the subject. */
export const onePosition = wire.record({lon: wire.lon, lat: wire.lat, recordedAt: wire.instant});

const positionIn = wire.record({driverId: wire.uuid, lon: wire.lon, lat: wire.lat, recordedAt: wire.instant});

export const positionBatch = wire.record({
  regionId: Type.Optional(wire.regionId),
  positions: Type.Array(positionIn, {minItems: 1, maxItems: POSITIONS_PER_CALL}),
});

export const positionFromWire = ({driverId, recordedAt, ...at}: Static<typeof positionIn>): DriverPosition => ({
  driverId: driverId.toLowerCase(),
  ...wire.toE7s(at),
  recordedAtMs: wire.toMs(recordedAt),
});
