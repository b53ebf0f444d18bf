/**
 * Files that survive a crash, and the disk under them: files named by hash ({@link
 * io.trainyard.store.file.BlobFiles}, the class to start at), the files of datasets and their
 * checksums, unfinished files, mapped memory, and the deletion of orphans. {@link
 * io.trainyard.store.file.FullDisk} alone recognizes a full disk, {@link
 * io.trainyard.store.file.DiskFaults} one that cannot be written. The package must not know what
 * the files contain. {@code FolderOwnership} checks at start that they belong to the database.
 */
@NullMarked
package io.trainyard.store.file;

import org.jspecify.annotations.NullMarked;
