// What a step of a solve works on: the whole of it, or a tile.

import type {Rows} from '../layout/arrange.ts';
import type {Columns} from '../layout/columns.ts';
import type {Workspace} from './workspace.ts';

export type Part = {readonly rows: Rows; readonly columns?: Columns | undefined; readonly w: Workspace};
