// Parts one cell of a dissection, in place, in the field that all threads share.

import {createCellScratch} from '../native-graph/order/cell.ts';
import {type CellJob, dissectCell} from '../native-graph/order/dissect.ts';
import {type Cell, overlayField} from '../native-graph/order/field.ts';

const scratch = createCellScratch();

export const run = (job: CellJob): Cell[] => dissectCell(overlayField(job), scratch, job);
