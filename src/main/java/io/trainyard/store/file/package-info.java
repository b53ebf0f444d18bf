/**
 * Files that survive a crash, and the disk under them: files named by hash ({@link
 * io.trainyard.store.file.BlobFiles}, the class to start at), the files of datasets and their
 * checksums, unfinished files, mapped memory, and the deletion of orphans. {@link
 * io.trainyard.store.file.FullDisk} alone recognizes a full disk, {@link
 * io.trainyard.store.file.DiskFaults} one that cannot be written. The package must not know what
 * the files contain. {@code FolderOwnership} checks at start that they belong to the database.
 * Tested by {@code OrphanFilesTest}, {@code ScratchTest}, {@code MappedMemoryTest}, {@code
 * FullDiskTest} and, for checksums, {@code DamagedRowsTest}.
 *
 * <p>Other tests: {@code DatasetFiles} and {@code DatasetChecksums} in {@code DamagedRowsTest},
 * {@code FolderOwnership} in {@code FolderOwnershipTest}, {@code DriverLibrary} in {@code
 * DriverLibraryTest}, {@code LocalFiles} in {@code OrphanFilesTest}, {@code RunningBackups} in
 * {@code BackupStoreTest}.
 */
@NullMarked
package io.trainyard.store.file;

import org.jspecify.annotations.NullMarked;
