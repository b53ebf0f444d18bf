package io.trainyard;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds a safetensors file. */
public final class Weights {
  private final Map<String, HostTensor> tensors = new LinkedHashMap<>();

  public Weights with(String name, Shape shape, float... elements) {
    tensors.put(name, HostTensor.ofFloats(shape, elements));
    return this;
  }

  public byte[] bytes() {
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      SafeTensors.write(tensors, Channels.newChannel(out));
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
