// Programs of the system that some tests need. Tests run where the program is, and say in one line what they skipped;
// with CLOUDRUN_REQUIRE_ALL=1 its absence is a failure.
import {accessSync, constants} from 'node:fs';
import {delimiter, join} from 'node:path';

/** The path of a program, or undefined when it is not installed and absence is allowed. */
export function installedProgram(name: string, skipped: string): string | undefined {
  // Servers of the system are not on everybody's path.
  const found = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  if (found !== undefined) return found;
  if (process.env.CLOUDRUN_REQUIRE_ALL === '1') throw new Error(`${name} is missing and CLOUDRUN_REQUIRE_ALL=1`);
  console.log(`skipped: ${skipped}, as ${name} is not installed`);
  return undefined;
}
