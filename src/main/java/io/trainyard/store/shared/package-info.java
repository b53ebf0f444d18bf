/**
 * Files in a store that all processes share, with copies on this machine up to a number of bytes,
 * and the deletion of those that no record names. Start at {@link
 * io.trainyard.store.shared.SharedFiles}. It must not know what the files contain, nor which
 * protocol the store speaks: {@code store.s3} implements {@code ObjectStore}.
 */
@NullMarked
package io.trainyard.store.shared;

import org.jspecify.annotations.NullMarked;
