/**
 * The Open Inference Protocol, version 2, over REST: health, metadata, inference with JSON and with
 * the binary tensor extension, and Triton's model repository. Only bodies and answers are read and
 * written here; which version answers, and on which thread, is decided in {@code predict}. Start at
 * {@code InferController}.
 *
 * <p>Source: the protocol's <a
 * href="https://github.com/kserve/open-inference-protocol">specification</a> and Triton's
 * extensions of it.
 */
@NullMarked
package io.trainyard.api.infer;

import org.jspecify.annotations.NullMarked;
