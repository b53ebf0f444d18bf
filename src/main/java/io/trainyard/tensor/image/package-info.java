/**
 * PNG and JPEG images as rows of tensors, for uploads and predictions alike. Knows nothing about
 * datasets or models. Start at {@link io.trainyard.tensor.image.ImageHeader}, which is read before
 * any pixel is decoded, and {@link io.trainyard.tensor.image.ImageMemory}, which bounds all images
 * that are decoded at once. Tests: {@code PngPixelsTest}, and {@code HostileImageTest} for images
 * that were made to cost more than their bytes.
 */
@NullMarked
package io.trainyard.tensor.image;

import org.jspecify.annotations.NullMarked;
