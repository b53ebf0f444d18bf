/**
 * The port for backups of a whole installation. It must not know what is in one. Start at {@link
 * io.trainyard.backup.Backups}; {@code store.backup} implements it.
 */
@NullMarked
package io.trainyard.backup;

import org.jspecify.annotations.NullMarked;
