// Unpacks, parses and filters one block of a map file.

import {type BlockJob, type BlockReply, readBlock} from '../native-graph/osm/block-reader.ts';

export const run = (job: BlockJob): BlockReply => readBlock(job);
