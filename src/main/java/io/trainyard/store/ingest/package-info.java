/**
 * Turns one upload into the files of a version, with one class for each format. It must not know
 * the tables of the database, nor names and numbers of versions. Start at {@link
 * io.trainyard.store.ingest.Ingestion}, the only public class. Each format is held by the test with
 * the name of its class, and all of them by {@code BrokenFilesTest} and {@code UploadFuzzTest};
 * {@code IngestionTest} holds the limit on the size of uploads.
 *
 * <p>Classes without a test of their name are held: {@code ListColumn} by {@code
 * ParquetIngestionTest}, {@code JsonColumn} and {@code JsonRows} by {@code JsonIngestionTest},
 * {@code UploadSpool} by {@code IngestionTest}.
 */
@NullMarked
package io.trainyard.store.ingest;

import org.jspecify.annotations.NullMarked;
