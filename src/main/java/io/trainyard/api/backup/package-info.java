/**
 * Backups over HTTP. It must not know what is in one. Start at {@link
 * io.trainyard.api.backup.BackupController}. Tested by {@code BackupHttpTest}.
 */
@NullMarked
package io.trainyard.api.backup;

import org.jspecify.annotations.NullMarked;
