/**
 * Backups over HTTP. It must not know what is in one. Start at {@link
 * io.trainyard.api.backup.BackupController}.
 */
@NullMarked
package io.trainyard.api.backup;

import org.jspecify.annotations.NullMarked;
