/**
 * Datasets over HTTP: uploads, versions, rows and samples. Knows neither file formats nor SQL: it
 * hands the bytes to the ports of {@code dataset}. Start at {@code DatasetController}. {@code
 * DatasetHttpTest} and {@code BrokenOffUploadTest} hold it.
 *
 * <p>Classes without a test of their name are held: {@code UploadedFiles} and {@code
 * IngestOptionsReader} by {@code DatasetHttpTest}.
 */
@NullMarked
package io.trainyard.api.dataset;

import org.jspecify.annotations.NullMarked;
