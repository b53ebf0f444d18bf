/**
 * Files in an S3-compatible store that all processes share, with copies on this machine up to a
 * number of bytes, and the deletion of those that no record names. It alone knows the SDK, which is
 * loaded only when a bucket is configured. Start at {@code SharedFiles}; {@code S3Objects} speaks
 * to the store. It must not know what the files contain.
 */
@NullMarked
package io.trainyard.store.s3;

import org.jspecify.annotations.NullMarked;
