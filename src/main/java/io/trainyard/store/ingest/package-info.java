/**
 * Turns one upload into the files of a version, with one class for each format. It must not know
 * the tables of the database, nor names and numbers of versions. Start at {@link
 * io.trainyard.store.ingest.ReceivedUpload} and {@link io.trainyard.store.ingest.Ingestion}.
 */
@NullMarked
package io.trainyard.store.ingest;

import org.jspecify.annotations.NullMarked;
