/**
 * Dataset versions: columns, profiles, uploads, and which rows a job selects. The ports {@link
 * io.trainyard.dataset.DatasetCatalogue}, {@code DatasetRows}, {@code DatasetContent} and {@code
 * DatasetHolds} are implemented in {@code store.dataset}. Must not know SQL, DuckDB or files. Start
 * with {@link io.trainyard.dataset.DatasetVersion}.
 */
@NullMarked
package io.trainyard.dataset;

import org.jspecify.annotations.NullMarked;
