export {run} from '../../../workers/nearest-drivers.ts';
