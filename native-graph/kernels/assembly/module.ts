// What the module exports.

export {group, meet, scan, scanLengths} from './buckets';
export {climbAll} from './climb';
export {customize, perfect} from './customize';
export {closure, collect, compact, sweep} from './sweep';
