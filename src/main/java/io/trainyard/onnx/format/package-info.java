/**
 * ONNX files as bytes: a writer and a bounded reader of protobuf's wire format, and the parts of a
 * model that this service writes or checks. Field numbers are those of onnx.proto. It knows neither
 * layers nor ONNX Runtime. Start at {@link io.trainyard.onnx.format.ProtoWriter}.
 */
@NullMarked
package io.trainyard.onnx.format;

import org.jspecify.annotations.NullMarked;
