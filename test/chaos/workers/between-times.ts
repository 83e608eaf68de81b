export {run} from '../../../workers/between-times.ts';
