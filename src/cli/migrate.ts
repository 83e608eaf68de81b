import {migrate} from '../db/migrate.ts';
import {type DatabaseOptions, withDatabaseUrl} from './database.ts';
import {terminal} from './terminal.ts';

export async function migrateCommand(options: DatabaseOptions & {readonly json?: boolean}): Promise<void> {
  const shown = terminal(options.json ?? false);
  const applied = await withDatabaseUrl(options, (url) => migrate(url));
  shown.answer({applied}, applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to apply');
}
