export {run} from '../../../workers/move-drivers.ts';
