/** One upload to one version, a file per format. */
@NullMarked
package io.trainyard.store.ingest;

import org.jspecify.annotations.NullMarked;
