/**
 * Encodes rows into tensors and decodes output tensors into predictions. {@code
 * ColumnEncodingBuilder} builds an encoding from a model and its columns, {@code EncodingFitter}
 * fits it to the training rows, and {@code EncodingWriter} and {@code EncodingReader} store it with
 * a version. Must not know how rows are split or where they are stored. Start with {@link
 * io.trainyard.dataset.encoding.Encoding}.
 */
@NullMarked
package io.trainyard.dataset.encoding;

import org.jspecify.annotations.NullMarked;
