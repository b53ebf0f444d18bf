/**
 * The only gRPC: the Open Inference Protocol, version 2, on a port of its own. It must not know
 * HTTP, and what it has in common with REST is in {@code predict}. The messages are generated from
 * {@code src/main/resources/proto} into {@code grpc.protocol}. Start at {@code InferenceService}.
 */
@NullMarked
package io.trainyard.grpc;

import org.jspecify.annotations.NullMarked;
