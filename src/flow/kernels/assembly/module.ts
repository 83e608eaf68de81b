// What the module exports.

export {letDriversBid, letTasksBid, reduceRows} from './auction';
export {closeRows, orderByNeighbours, renumber, sortRows, turn} from './layout';
export {searchDrivers} from './driver-search';
export {settle} from './settle';
export {searchTasks} from './task-search';
