/**
 * Turns one upload into the files of a version, with one class for each format. It must not know
 * the tables of the database, nor names and numbers of versions. Start at {@link
 * io.trainyard.store.ingest.ReceivedUpload} and {@link io.trainyard.store.ingest.Ingestion}. The
 * test of each format has the name of its class; all formats are tested by {@code BrokenFilesTest}
 * and {@code UploadFuzzTest}; {@code IngestionTest} tests the limit on the size of uploads.
 *
 * <p>Other tests: {@code ListColumn} and {@code ParquetTask} in {@code ParquetIngestionTest},
 * {@code JsonColumn} and {@code JsonRows} in {@code JsonIngestionTest}, {@code ReceivedUpload} in
 * {@code IngestionTest}, {@code ZipDirectory} in {@code ZipArchiveTest}, {@code ImageHeader} in
 * {@code HostileImageTest}, {@code WideCopy} in {@code WideUploadTest}, {@code ExtendedRows} and
 * {@code JoinedVersion} in {@code BatchPredictionTest}.
 */
@NullMarked
package io.trainyard.store.ingest;

import org.jspecify.annotations.NullMarked;
