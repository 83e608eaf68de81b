// What a command shows: progress and lines for a person on standard error when standard output is for a machine.

import {Presets, SingleBar} from 'cli-progress';
import {systemClock} from '../domain/clock.ts';

export type Terminal = {
  /** One line for a person. */
  line(text: string): void;
  /** The command's answer: with --json one JSON line alone on standard output, else the given text. */
  answer(value: unknown, text: string): void;
  /**
   * Shows how far a long step is, with its rate where it is told in bytes; on anything but a terminal, its begin, and
   * at its end how long it took.
   */
  progress(label: string, unit?: 'bytes'): Progress;
};

export type Progress = {
  /** `done` of `total`, in whatever unit the step has. */
  at(done: number, total: number): void;
  end(note?: string): void;
};

export function terminal(json: boolean): Terminal {
  const out = json ? process.stderr : process.stdout;
  return {
    line: (text) => void out.write(`${text}\n`),
    answer: (value, text) => void process.stdout.write(`${json ? JSON.stringify(value) : text}\n`),
    progress: (label, unit) => (process.stderr.isTTY ? bar(label, unit) : lines(label, unit)),
  };
}

function bar(label: string, unit?: 'bytes'): Progress {
  const format = `${label.padEnd(28)} {bar} {percentage} % | {speed}{eta_formatted} left`;
  const single = new SingleBar({format, hideCursor: true, clearOnComplete: false}, Presets.rect);
  const speed = speedometer(unit);
  single.start(1, 0, {speed: ''});
  return {
    at(done, total) {
      const {rate} = speed(done);
      single.setTotal(total);
      single.update(done, {speed: rate && `${rate}, `});
    },
    end(note) {
      single.update(single.getTotal());
      single.stop();
      if (note) process.stderr.write(`  ${note}\n`);
    },
  };
}

function lines(label: string, unit?: 'bytes'): Progress {
  const speed = speedometer(unit);
  let last = 0;
  process.stderr.write(`${label} ...\n`);
  return {
    at: (done) => void (last = done),
    end(note) {
      const {seconds, rate} = speed(last);
      const facts = [`${seconds.toFixed(1)} s`, rate, note].filter(Boolean);
      process.stderr.write(`  ${facts.join(', ')}\n`);
    },
  };
}

/** From now on: seconds that have passed, and the mean rate where the step is told in bytes. */
function speedometer(unit: 'bytes' | undefined): (done: number) => {seconds: number; rate: string} {
  const startedMs = systemClock.monotonicMs();
  return (done) => {
    const seconds = (systemClock.monotonicMs() - startedMs) / 1_000;
    const isTold = unit === 'bytes' && seconds > 0;
    return {seconds, rate: isTold ? `${(done / 1e6 / seconds).toFixed(1)} MB/s` : ''};
  };
}
