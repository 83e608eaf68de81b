// The OSM PBF reader: blobs in order, the header's demands checked, each data block shown to the visitor. Blobs of
// other types are for other programs.
//
// Blocks are read ahead, a bounded number at a time, wherever the runner likes, and shown in the order of the file. So
// what the visitor sees, and which damage is found first, does not depend on the runner.

import {InputFailure} from '../failure.ts';
import {replay} from './block-digest.ts';
import {type BlockReply, type BlockRunner, inProcess, settle, type Trouble, unpack} from './block-reader.ts';
import {damage} from './damage.ts';
import type {MapVisitor} from './elements.ts';
import {requiredFeatures} from './pbf-block.ts';
import {type Frame, readFrames} from './pbf-frames.ts';

/** What a file may demand of its reader. "HistoricalInformation" is not here: deleted objects would become roads. */
const KNOWN_FEATURES: readonly string[] = ['OsmSchema-V0.6', 'DenseNodes'];

/** A file starts with the length of a BlobHeader, whose first field is the type of the first blob: the header. */
export const isPbf = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(4, 15)).toString('latin1') === '\x0a\x09OSMHeader';

type Step = {readonly offset: number; readonly reply: BlockReply | typeof PASSED};

/** Throws InputFailure with the byte offset of the blob that is damaged or asks for what is not supported. */
export async function readPbf(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  visitor: MapVisitor,
  runner: BlockRunner = inProcess,
): Promise<void> {
  const frames = readFrames(path, chunks);
  const ahead: Promise<Step>[] = [];
  let more = true;
  const readOn = async (): Promise<void> => {
    try {
      const {done, value} = await frames.next();
      if (done) more = false;
      else ahead.push(begin(value, visitor, runner));
    } catch (error) {
      more = false;
      ahead.push(Promise.reject(error));
    }
    ahead.at(-1)?.catch(() => {}); // Reported when its turn comes; until then it must not count as unhandled.
  };
  try {
    while (more || ahead.length > 0) {
      while (more && ahead.length < runner.blocksInFlight) await readOn();
      const step = ahead.shift();
      if (step !== undefined) show(path, await step, visitor);
    }
  } finally {
    await Promise.allSettled(ahead);
    await frames.return(undefined);
  }
}

async function begin({type, offset, body}: Frame, visitor: MapVisitor, runner: BlockRunner): Promise<Step> {
  if (type === 'OSMHeader') return {offset, reply: settle(() => checkHeader(body))};
  if (type !== 'OSMData') return {offset, reply: PASSED};
  const looks = {
    node: visitor.node !== undefined,
    way: visitor.way !== undefined,
    relation: visitor.relation !== undefined,
  };
  return {offset, reply: await runner.run({body, looks, wanted: visitor.wanted ?? {}})};
}

const PASSED = {kind: 'passed'} as const;

function checkHeader(body: Uint8Array): typeof PASSED | Trouble {
  const unknown = requiredFeatures(unpack(body)).filter((feature) => !KNOWN_FEATURES.includes(feature));
  if (unknown.length === 0) return PASSED;
  return {kind: 'unsupported', what: `requires ${JSON.stringify(unknown.join(', ').slice(0, 100))}: not supported`};
}

function show(path: string, {offset, reply}: Step, visitor: MapVisitor): void {
  if (reply.kind === 'read') replay(reply.digest, visitor);
  else if (reply.kind === 'damaged') throw damage('PBF_DAMAGED', path, `OSM PBF at byte ${offset}`, reply.what);
  else if (reply.kind === 'unsupported') {
    throw new InputFailure('PBF_UNSUPPORTED', `${path}: the blob at byte ${offset} ${reply.what}`);
  }
}
