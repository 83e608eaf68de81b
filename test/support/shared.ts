// Data beside a developer's checkout that a stranger's clone lacks. Tests that need it are skipped with one line,
// or fail where CLOUDRUN_REQUIRE_ALL=1 says that nothing may be skipped.
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

/** The path of a file under ../shared, or undefined when it is absent and absence is allowed. */
export function sharedFile(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../shared/${name}`, import.meta.url));
  if (existsSync(path)) return path;
  if (process.env.CLOUDRUN_REQUIRE_ALL === '1') throw new Error(`${path} is missing and CLOUDRUN_REQUIRE_ALL=1`);
  console.log(`skipped: ../shared/${name} is not there`);
  return undefined;
}
