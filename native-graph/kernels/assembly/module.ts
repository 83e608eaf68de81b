// What the module exports.

export {group, meet, scan, scanLengths} from './buckets';
export {climbAll} from './climb';
export {customize, perfect, settle} from './customize';
export {descend} from './descend';
export {merge, nearest, sortByDigit} from './nearest';
export {closure, collect, compact, sweep} from './sweep';
