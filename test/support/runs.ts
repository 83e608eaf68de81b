// How much of a test is run: all of it in `npm run test:soak`, a share in an ordinary run, whose seeds differ each
// time.

export const IS_SOAK = process.env.CLOUDRUN_SOAK === '1';

/** Cases of so many: all of them, or one in `share`. */
export const runs = (all: number, share = 4): number => (IS_SOAK ? all : Math.ceil(all / share));
