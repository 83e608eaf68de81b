// What a command shows: progress and lines for a person on standard error when standard output is for a machine.

import {MultiBar, Presets} from 'cli-progress';

export type Terminal = {
  /** One line for a person. */
  line(text: string): void;
  /** The command's answer: with --json one JSON line alone on standard output, else the given text. */
  answer(value: unknown, text: string): void;
  /** Shows how far a long step is; on anything but a terminal, its begin and its end. */
  progress(label: string): Progress;
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
    progress: (label) => (process.stderr.isTTY ? bar(label) : lines(label)),
  };
}

function bar(label: string): Progress {
  const format = `${label.padEnd(28)} {bar} {percentage} % | {eta_formatted} left`;
  const bars = new MultiBar({format, hideCursor: true, clearOnComplete: false}, Presets.rect);
  const single = bars.create(1, 0);
  return {
    at(done, total) {
      single.setTotal(total);
      single.update(done);
    },
    end(note) {
      single.update(single.getTotal());
      bars.stop();
      if (note) process.stderr.write(`  ${note}\n`);
    },
  };
}

function lines(label: string): Progress {
  process.stderr.write(`${label} ...\n`);
  return {at: () => {}, end: (note) => void (note && process.stderr.write(`  ${note}\n`))};
}
