package io.trainyard.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A file in ONNX Runtime. Results are computed directly into tensors of this service. */
final class OnnxSession implements AutoCloseable {
  private final OnnxRuntime runtime;
  private final OrtSession session;

  OnnxSession(OnnxRuntime runtime, ByteBuffer file, OnnxRuntime.Trust trust) throws OrtException {
    this.runtime = runtime;
    this.session = runtime.session(file, trust);
  }

  /** A result's type and whole shape. */
  record Result(ElementType type, Shape shape) {}

  /**
   * Computes results.
   *
   * @param inputs by name, [rows, ...]
   * @param results by name; each must have the type and shape that the file gives it
   * @param options may stop the computation between two operators
   * @throws OrtException what the operators refuse
   */
  Map<String, HostTensor> run(
      Map<String, HostTensor> inputs, Map<String, Result> results, OrtSession.RunOptions options)
      throws OrtException {
    Map<String, OnnxTensorLike> given = new HashMap<>();
    Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
    Map<String, HostTensor> values = new LinkedHashMap<>();
    try {
      for (var input : inputs.entrySet()) {
        given.put(input.getKey(), view(input.getValue()));
      }
      for (var result : results.entrySet()) {
        HostTensor value = HostTensor.allocate(result.getValue().type(), result.getValue().shape());
        values.put(result.getKey(), value);
        pinned.put(result.getKey(), view(value));
      }
      // The memory of this run is given back when it ends, so that other sessions can have it.
      options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
      session.run(given, Set.of(), pinned, options).close();
      return values;
    } finally {
      given.values().forEach(OnnxTensorLike::close);
      pinned.values().forEach(OnnxTensor::close);
      Reference.reachabilityFence(inputs);
      Reference.reachabilityFence(values);
    }
  }

  private OnnxTensor view(HostTensor tensor) throws OrtException {
    ByteBuffer bytes = tensor.data().asByteBuffer().order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(
        runtime.environment(), bytes, tensor.shape().toLongs(), type(tensor.type()));
  }

  private static OnnxJavaType type(ElementType type) {
    return switch (type) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case UINT8 -> OnnxJavaType.UINT8;
      case BOOL -> OnnxJavaType.BOOL;
    };
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("an ONNX session cannot be closed", e);
    }
  }
}
