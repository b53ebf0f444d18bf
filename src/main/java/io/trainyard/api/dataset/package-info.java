/**
 * Datasets over HTTP: uploads, versions, rows and samples. Knows neither file formats nor SQL: it
 * hands the bytes to the ports of {@code dataset}. Start at {@code DatasetController}.
 */
@NullMarked
package io.trainyard.api.dataset;

import org.jspecify.annotations.NullMarked;
