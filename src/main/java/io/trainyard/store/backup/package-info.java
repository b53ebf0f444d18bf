/**
 * Backups of a whole installation: the rows of all tables as JSON lines, for either database, and
 * the files that they name, in a ZIP archive with a manifest at its end. It must not know what the
 * rows mean, except which columns name files. Start at {@link
 * io.trainyard.store.backup.JdbcBackups}.
 */
@NullMarked
package io.trainyard.store.backup;

import org.jspecify.annotations.NullMarked;
