/** Files: blobs, scratch, disk space, orphans. */
@NullMarked
package io.trainyard.store.file;

import org.jspecify.annotations.NullMarked;
