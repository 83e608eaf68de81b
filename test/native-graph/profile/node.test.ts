import {expect, test} from 'vitest';
import {blocksCars} from '../../../native-graph/profile/node.ts';

test.each([
  ['', false],
  ['highway=traffic_signals', false],
  ['barrier=bollard', true],
  ['barrier=bollard bollard=rising', false],
  ['barrier=bollard bollard=removable', true],
  ['barrier=block', true],
  ['barrier=cycle_barrier', true],
  ['barrier=yes', true],
  ['barrier=gate', false],
  ['barrier=lift_gate', false],
  ['barrier=toll_booth', false],
  ['barrier=cattle_grid', false],
  ['barrier=no', false],
  ['barrier=bollard motor_vehicle=yes', false],
  ['barrier=bollard access=no motorcar=permissive', false],
  ['barrier=gate access=no', true],
  ['barrier=gate access=private', false],
  ['barrier=gate access=residents', false],
  ['barrier=gate motor_vehicle=forestry', true],
  ['barrier=gate motor_vehicle=agricultural;forestry', true],
  ['barrier=gate access=destination', false],
  ['access=no', true],
])('a node tagged "%s" stops cars: %s', (text, expected) => {
  expect(blocksCars(new Map(text.split(' ').map((pair) => pair.split('=') as [string, string])))).toBe(expected);
});
