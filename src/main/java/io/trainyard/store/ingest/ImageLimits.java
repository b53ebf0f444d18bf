package io.trainyard.store.ingest;

import io.trainyard.tensor.image.ImageMemory;

/**
 * What limits an upload of images.
 *
 * @param memory for all images that are decoded at once, those of predictions included
 */
public record ImageLimits(ArchiveProperties archive, ImageMemory memory) {}
