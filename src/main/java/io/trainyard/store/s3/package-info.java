/**
 * Files in an S3-compatible store, behind {@code store.shared.ObjectStore}. It alone knows the SDK,
 * which is loaded only when a bucket is configured. Start at {@link
 * io.trainyard.store.s3.S3Objects}. It must not know what the files contain.
 */
@NullMarked
package io.trainyard.store.s3;

import org.jspecify.annotations.NullMarked;
