// A route server over a drawn town, asked in the town's words.
import type {FastifyInstance} from 'fastify';
import {pino} from 'pino';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import {buildRouteServer} from '../../../src/api/route-server.ts';
import {plainRoads} from '../../support/plain-roads.ts';
import {BLOCK_E7} from '../../support/town.ts';

/** Blocks right of and below the first letter's corner, as lon,lat. */
export const place = (x: number, y: number): string => [x, -y].map((n) => ((n * BLOCK_E7) / 1e7).toFixed(7)).join();

export type TownServer = {
  readonly app: FastifyInstance;
  /** The parsed body, after a look at the status. */
  // biome-ignore lint/suspicious/noExplicitAny: bodies are what the tests look into
  ask(path: string): Promise<any>;
};

export function townServer(graph: RoadGraph): TownServer {
  const app = buildRouteServer(plainRoads(graph), pino({level: 'silent'}), 1);
  return {
    app,
    async ask(path) {
      const answer = await app.inject(path);
      const body = answer.json();
      if ((answer.statusCode === 200) !== (body.code === 'Ok')) throw new Error(`${answer.statusCode} ${answer.body}`);
      return body;
    },
  };
}
