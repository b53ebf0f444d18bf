/**
 * Encodes rows into tensors and decodes output tensors into predictions. {@code
 * ColumnEncodingBuilder} builds an encoding from a model and its columns, {@code EncodingFitter}
 * fits it to the training rows, and {@code EncodingWriter} and {@code EncodingReader} store it with
 * a version. Must not know how rows are split or where they are stored. Start with {@link
 * io.trainyard.dataset.encoding.Encoding}. SkewPropertyTest tests that prediction encodes as
 * training does; EncodingTest tests the stored form.
 *
 * <p>Other tests: {@code DefaultEncoding} in {@code PredictHttpTest}, {@code ColumnEncoding} and
 * {@code Statistics} in {@code EncodingFitterTest}, {@code ColumnEncodingReader} in {@code
 * ImportHttpTest}, {@code RowShape} in {@code TensorLayoutTest}, {@code RowLayout} in {@code
 * PlainInstancesTest}.
 */
@NullMarked
package io.trainyard.dataset.encoding;

import org.jspecify.annotations.NullMarked;
