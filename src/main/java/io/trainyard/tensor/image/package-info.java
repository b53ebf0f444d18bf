/**
 * PNG and JPEG images as rows of tensors, for uploads and predictions alike. Knows nothing about
 * datasets or models. Start at {@link io.trainyard.tensor.image.ImageHeader}, which is read before
 * any pixel is decoded, and {@link io.trainyard.tensor.image.ImageMemory}, which bounds all images
 * that are decoded at once.
 */
@NullMarked
package io.trainyard.tensor.image;

import org.jspecify.annotations.NullMarked;
