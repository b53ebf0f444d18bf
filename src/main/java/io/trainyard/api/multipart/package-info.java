/**
 * Bodies that are too large for memory: forms of several parts, and the folder that they go to.
 *
 * <p>The package knows no resource, and not where the folder is. Start at {@link
 * io.trainyard.api.multipart.MultipartBody}.
 */
@NullMarked
package io.trainyard.api.multipart;

import org.jspecify.annotations.NullMarked;
