// What the composition roots give to webhooks and providers: the sealing of secrets, and how names are resolved.

import {lookup} from 'node:dns/promises';
import type {DaemonConfig} from '../config.ts';
import {type Sealing, sealingUnder} from '../domain/sealing.ts';
import type {Resolve} from '../loops/webhook-target.ts';

export const sealingOf = ({sealingKeys}: Pick<DaemonConfig, 'sealingKeys'>): Sealing | undefined =>
  sealingKeys.length === 0 ? undefined : sealingUnder(sealingKeys);

/** As the machine resolves names, with its hosts file. */
export const resolveName: Resolve = (hostname) => lookup(hostname, {all: true});
